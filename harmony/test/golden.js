// The JavaScript face of scripts/golden; the protocol is that of bindings/c/tests/golden.c.
import { config, face } from './support.js';

const client = new face.GadgetClient(config);

/** Bytes of standard input: so many, or up to and with the next line break. */
class Input {
  #chunks = process.stdin[Symbol.asyncIterator]();
  #buffer = Buffer.alloc(0);

  async line() {
    for (;;) {
      const end = this.#buffer.indexOf('\n');
      if (end >= 0) return (await this.take(end + 1)).toString();
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

const invoke = (options) =>
  new Promise((resolve) => {
    client.request({ ...options, success: resolve, fail: resolve });
  });

const input = new Input();
for (let line = await input.line(); line !== undefined; line = await input.line()) {
  const [optionsLength, bytesLength] = line.split(' ').map(Number);
  const options = JSON.parse((await input.take(optionsLength)).toString());
  if (bytesLength >= 0) options.data = Uint8Array.from(await input.take(bytesLength)).buffer;
  const result = await invoke(options);
  const { data, ...rest } = result;
  const bytes = data instanceof ArrayBuffer ? Buffer.from(data) : undefined;
  const json = Buffer.from(JSON.stringify(bytes ? rest : result));
  process.stdout.write(`${json.length} ${bytes ? bytes.length : -1}\n`);
  process.stdout.write(json);
  if (bytes) process.stdout.write(bytes);
}
