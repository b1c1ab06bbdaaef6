// Listens to the changes of a jar, and ends by itself: listens.js [throws].
import { newClient } from '../jar.js';

const throws = process.argv[2] === 'throws';
process.on('exit', () => console.log('exit'));
process.on('uncaughtException', (error) => console.log(`uncaught ${error.message}`));

const { cookies } = newClient();
cookies.onChange(({ type, cookie }) => {
  console.log(`${type} ${cookie.name}`);
  throw new Error(`from ${type} ${cookie.name}`);
});
if (throws) {
  cookies.set(['a', 'b'].map((name) => ({ name, value: '1', domain: 'example.com' })));
  setTimeout(() => cookies, 200); // holds the jar, and so its client and listener
}
