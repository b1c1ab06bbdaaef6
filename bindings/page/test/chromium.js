// A headless Chromium, driven over the DevTools protocol through a pipe.
import { spawn } from 'node:child_process';

import { CHANNELS } from './channels.js';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--remote-debugging-pipe',
  // Frames of other origins are in the process of their page, so that one session sees them all.
  '--disable-site-isolation-trials',
  '--disable-features=IsolateOrigins,site-per-process,IsolateSandboxedIframes',
];

/** The channels that the tests can use: all that an app can have. */
export const channels = Object.keys(CHANNELS);
/** Those whose driver tells frames apart. */
export const hasFrames = true;

/** The browser. It removes its profile when it ends, or when the pipe does. */
export class Browser {
  #process;
  #input;
  #chunks = [];
  #last = 0;
  #waiting = new Map();
  #listeners = new Map();

  constructor() {
    const flags = [...FLAGS, 'about:blank'];
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'];
    this.#process = spawn(process.env.CHROMIUM ?? 'chromium', flags, { stdio });
    this.#input = this.#process.stdio[3];
    this.#process.stdio[4].on('data', (chunk) => this.#take(chunk));
  }

  /** A new page. `bridge` answers its script over a channel of this kind. */
  async open(bridge, channel) {
    let view;
    const target = await this.attach((method, params) => view.take(method, params));
    view = new View(this, target, bridge, channel);
    await view.start();
    return view;
  }

  /** A new page as the protocol knows it. `take` gets its events, once they are asked for. */
  async attach(take) {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    this.#listeners.set(sessionId, take);
    return { targetId, sessionId };
  }

  /** Sends a command of the protocol; the promise is its result. */
  send(method, params = {}, sessionId = undefined) {
    const id = ++this.#last;
    this.#input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
  }

  async close() {
    const ended = new Promise((resolve) => {
      this.#process.once('exit', resolve);
    });
    this.send('Browser.close');
    await ended;
  }

  /** Messages end with a zero byte. */
  #take(chunk) {
    let rest = chunk;
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const message = Buffer.concat([...this.#chunks, rest.subarray(0, end)]);
      this.#chunks = [];
      rest = rest.subarray(end + 1);
      this.#dispatch(JSON.parse(message.toString()));
    }
    this.#chunks.push(rest);
  }

  #dispatch({ id, result, error, method, params, sessionId }) {
    if (id === undefined) {
      this.#listeners.get(sessionId)?.(method, params);
      return;
    }
    const { resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) reject(new Error(error.message));
    else resolve(result);
  }
}

/** A page. */
class View {
  /** What the console showed, and the uncaught errors. */
  console = [];
  errors = [];
  #browser;
  #target;
  #bridge;
  #channel;
  #contexts = new Map();
  #mainFrame;
  #loaded = () => {};

  constructor(browser, target, bridge, channel) {
    this.#browser = browser;
    this.#target = target;
    this.#bridge = bridge;
    this.#channel = CHANNELS[channel];
  }

  async start() {
    const { frameTree } = await this.#send('Page.getFrameTree');
    this.#mainFrame = frameTree.frame.id;
    await this.#send('Runtime.enable');
    await this.#send('Page.enable');
    await this.#send('Runtime.addBinding', { name: 'toHost' });
    const source = this.#channel.script + this.#bridge.script;
    await this.#send('Page.addScriptToEvaluateOnNewDocument', { source });
  }

  /** Loads a URL; the promise resolves at its event `load`. */
  async load(url) {
    const loaded = new Promise((resolve) => {
      this.#loaded = resolve;
    });
    await this.#send('Page.navigate', { url });
    await loaded;
  }

  /** What a function returns in the page for these arguments, awaited. */
  evaluate(work, ...args) {
    return this.#evaluate(`(${work})(${args.map((it) => JSON.stringify(it)).join()})`, true);
  }

  /** The text that a script comes to, at once: it needs no promise of the page. */
  evaluateNow(expression) {
    return this.#evaluate(expression, false);
  }

  async #evaluate(expression, awaitPromise) {
    const options = { expression, awaitPromise, returnByValue: true };
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', options);
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  /** Drops pages that are cached, collects garbage, and returns the bytes that objects take. */
  async heap() {
    await this.#send('Memory.simulatePressureNotification', { level: 'critical' });
    await this.#send('HeapProfiler.collectGarbage');
    return (await this.#send('Runtime.getHeapUsage')).usedSize;
  }

  close() {
    return this.#browser.send('Target.closeTarget', { targetId: this.#target.targetId });
  }

  take(method, params) {
    switch (method) {
      case 'Runtime.executionContextCreated':
        this.#contexts.set(params.context.id, params.context);
        break;
      case 'Runtime.bindingCalled':
        this.#answer(params);
        break;
      case 'Runtime.consoleAPICalled':
        this.console.push(params.args.map((it) => it.value).join(' '));
        break;
      case 'Runtime.exceptionThrown':
        this.errors.push(params.exceptionDetails.exception?.description ?? '');
        break;
      case 'Page.loadEventFired':
        this.#loaded();
        break;
      default:
    }
  }

  async #answer({ payload, executionContextId }) {
    const { origin: shown, auxData } = this.#contexts.get(executionContextId);
    const origin = shown === '://' ? 'null' : shown; // how the protocol writes it
    const [number, message] = this.#channel.decode(payload);
    const isMainFrame = auxData.frameId === this.#mainFrame;
    const reply = await this.#bridge.receive(message, origin, isMainFrame);
    const values = this.#channel.replied(number, reply)?.map((value) => ({ value }));
    const call = { functionDeclaration: this.#channel.deliver, arguments: values };
    // The document may have ended meanwhile.
    const ended = () => {};
    if (values) this.#send('Runtime.callFunctionOn', { ...call, executionContextId }).catch(ended);
  }

  #send(method, params) {
    return this.#browser.send(method, params, this.#target.sessionId);
  }
}
