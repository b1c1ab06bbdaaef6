// A client that keeps its cookies in a file: stores.js FILE HOW NAME. Prints the names of its
// cookies, sets one more, and ends.
import fs from 'node:fs';

import { newClient } from '../jar.js';

const [file, how, name] = process.argv.slice(2);
process.on('exit', () => console.log('exit'));
process.on('uncaughtException', (error) => console.log(`uncaught ${error.message}`));

const storage = {
  load() {
    console.log('load');
    return fs.existsSync(file) ? fs.readFileSync(file) : undefined;
  },
  save(bytes) {
    console.log('save');
    if (how === 'throws') throw new Error('from save');
    fs.writeFileSync(file, Buffer.from(bytes));
  },
  setAside() {
    console.log('setAside');
    fs.rmSync(file);
  },
};
const client = newClient({}, storage);
console.log(`has ${client.cookies.list().map((cookie) => cookie.name)}`);
client.cookies.set({ name, value: '1', domain: 'example.com', expires: Date.now() + 3_600_000 });
if (how === 'shutdown' || how === 'throws') client.shutdown();
if (how === 'waits') setTimeout(() => {}, 1000);
if (how === 'beforeExit') process.on('beforeExit', () => client.shutdown());
if (how === 'exit') {
  client.shutdown();
  process.exit();
}
