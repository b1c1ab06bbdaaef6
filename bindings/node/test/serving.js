// The protocol of scripts/golden, which bindings/c/tests/golden.c speaks, too.

/** Reads standard input: so many bytes, or a line. */
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

/** Writes an event of a call in one piece. */
function printEvent(what, name, bytes) {
  process.stdout.write(Buffer.concat([Buffer.from(`${what} ${name} ${bytes.length}\n`), bytes]));
}

/** Writes a result in one piece, because other calls settle at the same time. */
function printResult(name, result) {
  const { data, ...rest } = result;
  const bytes = data instanceof ArrayBuffer ? Buffer.from(data) : undefined;
  const json = Buffer.from(JSON.stringify(bytes ? rest : result));
  const line = `result ${name} ${json.length} ${bytes ? bytes.length : -1}\n`;
  process.stdout.write(Buffer.concat([Buffer.from(line), json, ...(bytes ? [bytes] : [])]));
}

/**
 * Obeys the judge until its commands end. `newClient(json)` makes a client with that configuration;
 * its `request` gets the listeners of a call, too, and may be a promise of the task.
 */
export async function serve(newClient) {
  const input = new Input();
  const tasks = new Map();
  let client;

  const commands = {
    async client(length) {
      client?.shutdown(); // other faces free it here
      client = await newClient((await input.take(Number(length))).toString());
    },
    async request(name, length, bytesLength, listeners) {
      const options = JSON.parse((await input.take(Number(length))).toString());
      if (Number(bytesLength) >= 0) {
        options.data = Uint8Array.from(await input.take(Number(bytesLength))).buffer;
      }
      const complete = (result) => printResult(name, result);
      tasks.set(name, await client.request({ ...options, complete }, listeners));
    },
    listen(name, length, bytesLength) {
      return commands.request(name, length, bytesLength, {
        onHeadersReceived: (head) =>
          printEvent('headers', name, Buffer.from(JSON.stringify(head))),
        onChunkReceived: ({ data }) => printEvent('chunk', name, Buffer.from(data)),
      });
    },
    abort: (name) => tasks.get(name).abort(),
    online: (online) => client.setOnline(online === '1'),
    network_changed: () => client.networkChanged(),
    async proxy(length) {
      const settings = JSON.parse((await input.take(Number(length))).toString());
      client.setProxy(settings.proxy, settings.proxy_bypass);
    },
    background: () => client.enterBackground(),
    foreground: () => client.enterForeground(),
    shutdown: () => client.shutdown(),
    counters: () => process.stdout.write(`counters ${client.inFlight} ${client.queued}\n`),
    cookies() {
      const json = Buffer.from(client.cookies.exportJson());
      process.stdout.write(Buffer.concat([Buffer.from(`cookies ${json.length}\n`), json]));
    },
  };

  for (let line = await input.line(); line !== undefined; line = await input.line()) {
    const [command, ...words] = line.split(' ');
    await commands[command](...words);
  }
  client?.shutdown(); // otherwise pending calls keep the process alive
}
