// Prints why a client with an inspector cannot be made.
import { GadgetClient } from '@gadget/request';

try {
  new GadgetClient({ inspector: 'http://127.0.0.1:8018' });
  console.log('it can');
} catch (error) {
  console.log(error.message);
}
