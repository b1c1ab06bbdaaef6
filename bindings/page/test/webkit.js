// WebKit, as WebKitGTK has it: `webkit.messageHandlers` with replies, as in a WKWebView.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('webkit.py', import.meta.url));

/** WebKit's own channel only: text, and a promise of the reply. */
export const channels = ['webkit'];
/** WebKitGTK does not say which frame sends. */
export const hasFrames = false;

/** Each page has a process of its own. */
export class Browser {
  #views = [];

  async open(bridge) {
    const view = new View(bridge);
    this.#views.push(view);
    await view.send({ do: 'script', source: bridge.script });
    return view;
  }

  async close() {
    await Promise.all(this.#views.map((view) => view.close()));
  }
}

class View {
  console = [];
  errors = [];
  #bridge;
  #process;
  #last = 0;
  #waiting = new Map();

  constructor(bridge) {
    this.#bridge = bridge;
    const args = ['--auto-servernum', '/usr/bin/python3', program];
    this.#process = spawn('xvfb-run', args, { stdio: 'pipe' });
    const lines = (stream) => createInterface({ input: stream });
    lines(this.#process.stdout).on('line', (line) => this.#take(JSON.parse(line)));
    lines(this.#process.stderr).on('line', (line) => this.#note(line));
  }

  load(url) {
    return this.send({ do: 'load', url });
  }

  async evaluate(work, ...args) {
    const call = `(${work})(${args.map((it) => JSON.stringify(it)).join()})`;
    const body = `const value = await ${call}; return JSON.stringify(value ?? null);`;
    return JSON.parse(await this.send({ do: 'evaluate', body }));
  }

  evaluateNow(script) {
    return this.send({ do: 'evaluate_now', script });
  }

  async close() {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise((resolve) => {
      this.#process.once('exit', resolve);
    });
    this.#process.stdin.end();
    await ended;
  }

  send(command) {
    const id = ++this.#last;
    this.#write({ ...command, id });
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #write(command) {
    const { stdin } = this.#process;
    // Replies may still come after the end of the page.
    if (!stdin.writableEnded) stdin.write(`${JSON.stringify(command)}\n`);
  }

  /** Keeps what the console shows: `PLACE: CONSOLE LEVEL TEXT`, or without a place. */
  #note(line) {
    const [, level, text] = /(?:^|: )CONSOLE (JS ERROR|[A-Z]+) (.*)/.exec(line) ?? [];
    if (level) (level === 'JS ERROR' ? this.errors : this.console).push(text);
  }

  async #take({ message, text, url, done, value, error }) {
    if (message !== undefined) {
      const { origin } = new URL(url);
      const reply = await this.#bridge.receive(text, origin, true);
      this.#write({ do: 'reply', id: message, text: reply });
    } else if (done !== undefined) {
      const { resolve, reject } = this.#waiting.get(done);
      this.#waiting.delete(done);
      if (error === undefined) resolve(value);
      else reject(new Error(error));
    } else {
      throw new Error(error);
    }
  }
}
