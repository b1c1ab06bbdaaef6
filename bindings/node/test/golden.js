// The JavaScript face of scripts/golden. bindings/c/tests/golden.c has the same protocol.
import { face } from './support.js';

/** Reads standard input: this many bytes, or a line. */
class Input {
  #chunks = process.stdin[Symbol.asyncIterator]();
  #buffer = Buffer.alloc(0);

  async line() {
    for (;;) {
      const end = this.#buffer.indexOf('\n');
      if (end >= 0) return (await this.take(end + 1)).toString().trimEnd();
      if (!(await this.#more())) return undefined;
    }
  }

  async take(length) {
    while (this.#buffer.length < length && (await this.#more()));
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return taken;
  }

  async #more() {
    const { value, done } = await this.#chunks.next();
    if (!done) this.#buffer = Buffer.concat([this.#buffer, value]);
    return !done;
  }
}

const input = new Input();
const tasks = new Map();
let client;

function printCookies() {
  const json = Buffer.from(client.cookies.exportJson());
  process.stdout.write(Buffer.concat([Buffer.from(`cookies ${json.length}\n`), json]));
}

/** Writes a result in one piece, because other calls settle at the same time. */
function printResult(name, result) {
  const { data, ...rest } = result;
  const bytes = data instanceof ArrayBuffer ? Buffer.from(data) : undefined;
  const json = Buffer.from(JSON.stringify(bytes ? rest : result));
  const line = `result ${name} ${json.length} ${bytes ? bytes.length : -1}\n`;
  process.stdout.write(Buffer.concat([Buffer.from(line), json, ...(bytes ? [bytes] : [])]));
}

const commands = {
  async client(length) {
    client?.shutdown(); // other faces free it here
    client = new face.GadgetClient((await input.take(Number(length))).toString());
  },
  async request(name, length, bytesLength) {
    const options = JSON.parse((await input.take(Number(length))).toString());
    if (Number(bytesLength) >= 0) {
      options.data = Uint8Array.from(await input.take(Number(bytesLength))).buffer;
    }
    const complete = (result) => printResult(name, result);
    tasks.set(name, client.request({ ...options, complete }));
  },
  abort: (name) => tasks.get(name).abort(),
  online: (online) => client.setOnline(online === '1'),
  background: () => client.enterBackground(),
  foreground: () => client.enterForeground(),
  shutdown: () => client.shutdown(),
  counters: () => process.stdout.write(`counters ${client.inFlight} ${client.queued}\n`),
  cookies: printCookies,
};

for (let line = await input.line(); line !== undefined; line = await input.line()) {
  const [command, ...words] = line.split(' ');
  await commands[command](...words);
}
client?.shutdown(); // otherwise pending calls keep the process alive
