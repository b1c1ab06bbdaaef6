// Ends by itself when its call has settled.
import { config, face, http } from '../support.js';

process.on('exit', () => console.log('exit'));
new face.GadgetClient(config).request({
  url: `${http}/delay/200`,
  success: (res) => console.log(res.statusCode),
});
console.log('exit follows');
