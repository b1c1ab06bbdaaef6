// What the tests share: an inspector, clients, and its page in a headless Chromium.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, afterEach } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Browser } from '../../../bindings/page/test/chromium.js';

const target = fileURLToPath(new URL('../../../target/', import.meta.url));
const devtools = `${target}debug/gadget-devtools`;
/** The origin of the test server (see scripts/with-server). */
export const http = process.env.GADGET_HTTP;

const browser = new Browser();
after(() => browser.close());

/** What ends an inspector and its page, of the test that runs. */
const ends = [];
afterEach(() => Promise.all(ends.splice(0).map((end) => end())));

/** An inspector, with its page loaded in a window of this size. */
export async function open({ width = 1280, height = 760, loads = true } = {}) {
  const program = spawn(devtools, ['inspect'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(program.stdout), 'line');
  const url = JSON.parse(line).url;
  ends.push(() => program.kill());
  const page = await newPage({ width, height });
  if (loads) {
    await page.load(url);
    await page.until(() => document.querySelector('#state').textContent === 'Connected');
  }
  return {
    url,
    page,
    config: JSON.stringify({ inspector: url.replace(/\/$/, ''), app_id: 'cli_9dff7f6ae02ad104' }),
    /** Sends events as a host app may. */
    async post(events, client = 'a') {
      const body = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      const answer = await fetch(`${url}clients/${client}/events`, { method: 'POST', body });
      return answer.json();
    },
  };
}

/** An empty page in a window of this size. It is closed when the test ends. */
export async function newPage(size) {
  const page = new Page();
  await page.start(size);
  ends.push(() => page.close());
  return page;
}

/** Makes calls through the real engine, one for each line of `batch`, and waits for them. */
export function batch(config, lines, more = []) {
  const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const { stdout } = spawnSync(devtools, ['batch', '--config', config, ...more], {
    input,
    maxBuffer: 1 << 26,
  });
  return stdout.toString().trim().split('\n').map((line) => JSON.parse(line));
}

/** A client that runs until it is killed. Lines for `batch` can be written to its input. */
export function running(config) {
  const stdio = ['pipe', 'ignore', 'inherit'];
  const client = spawn(devtools, ['batch', '--config', config], { stdio });
  ends.push(() => client.kill());
  return client;
}

/** The events of a call that had this answer; `at` is its start. */
export function called(call, at, url, { statusCode = 200, ...more } = {}) {
  const common = { call, at };
  return [
    { ...common, event: 'start', method: 'GET', url },
    { ...common, event: 'dispatched', inFlight: 1, queued: 0 },
    { ...common, event: 'connection', reused: true, protocol: 'h2' },
    { ...common, event: 'request', method: 'GET', url, header: { accept: '*/*' }, bytes: 0 },
    { ...common, at: at + 20, event: 'head', statusCode, header: {}, cookies: [], ...more },
    { ...common, at: at + 30, event: 'end', outcome: 'success', statusCode },
  ];
}

/** Keys as the DevTools protocol names them. */
const KEYS = { Enter: { windowsVirtualKeyCode: 13, text: '\r' }, '/': { text: '/' } };

/** A page in the browser. */
class Page {
  /** Uncaught errors, and what the browser complains about: refused scripts, missing files. */
  complaints = [];
  #target;
  #loaded = () => {};
  #traced = [];
  #tracingEnded = () => {};

  async start({ width, height }) {
    this.#target = await browser.attach((method, params) => this.#take(method, params));
    for (const domain of ['Page', 'Runtime', 'Log']) await this.send(`${domain}.enable`);
    const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.send('Emulation.setDeviceMetricsOverride', metrics);
  }

  async load(url) {
    const loaded = new Promise((resolve) => {
      this.#loaded = resolve;
    });
    await this.send('Page.navigate', { url });
    await loaded;
  }

  send(method, params = {}) {
    return browser.send(method, params, this.#target.sessionId);
  }

  /** What a function returns in the page for these arguments, awaited. */
  async evaluate(work, ...args) {
    const expression = `(${work})(${args.map((it) => JSON.stringify(it)).join()})`;
    const options = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', options);
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  /** Waits until a function returns something true in the page. */
  async until(work, ...args) {
    for (let i = 0; i < 500; i++) {
      const value = await this.evaluate(work, ...args);
      if (value) return value;
      await pause(20);
    }
    throw new Error(`it never came true: ${work}; the page says: ${await this.text('body')}`);
  }

  text(selector) {
    return this.evaluate((it) => document.querySelector(it)?.innerText, selector);
  }

  /** The texts of the rows in sight, by column. */
  rows() {
    return this.evaluate(() => [...document.querySelectorAll('#rows .row')]
      .filter((row) => !row.hidden)
      .sort((a, b) => a.getAttribute('aria-rowindex') - b.getAttribute('aria-rowindex'))
      .map((row) => Object.fromEntries(
        [...row.children].map((cell) => [cell.className, cell.textContent]))));
  }

  /** Waits until the list has so many calls. */
  async untilCalls(count) {
    const grid = () => Number(document.querySelector('#grid').getAttribute('aria-rowcount'));
    await this.until(`(count) => (${grid})() === count`, count);
  }

  click(selector) {
    return this.evaluate((it) => document.querySelector(it).click(), selector);
  }

  async press(key) {
    const event = { key, code: key, ...KEYS[key] };
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  async type(text) {
    await this.send('Input.insertText', { text });
  }

  /** Begins to record the tasks of the page's thread. */
  async record() {
    this.#traced = [];
    const includedCategories = [
      'disabled-by-default-devtools.timeline', 'blink.user_timing', '__metadata',
    ];
    await this.send('Tracing.start', { traceConfig: { includedCategories } });
  }

  /** Does a part of what is recorded, and returns how long it took by the clock, in seconds. */
  async part(name, work) {
    const mark = (it) => this.evaluate((made) => { performance.mark(made); }, `${name} ${it}`);
    const begun = performance.now();
    await mark('begins');
    await work();
    await mark('ends');
    return (performance.now() - begun) / 1000;
  }

  /**
   * Ends the record. The result is a function from the name of a part to how long each of its tasks
   * took, in milliseconds of the processor: programs that run beside it make none of them longer.
   */
  async recorded() {
    const ended = new Promise((resolve) => {
      this.#tracingEnded = resolve;
    });
    await this.send('Tracing.end');
    await ended;
    const traced = this.#traced;
    const when = (name) => {
      const mark = traced.find((it) => it.name === name);
      if (!mark) throw new Error(`"${name}" was not recorded`);
      return mark;
    };
    return (part) => {
      const [begin, end] = [when(`${part} begins`), when(`${part} ends`)];
      const tasks = traced.filter(({ name, ts, pid, tid }) => name === 'RunTask' &&
        pid === begin.pid && tid === begin.tid && ts >= begin.ts && ts < end.ts);
      return tasks.map(({ tdur = 0 }) => tdur / 1000);
    };
  }

  /** Saves a picture of the page below target/inspector. `format` may be `webp`: it is smaller. */
  async picture(name, scheme, format = 'png') {
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.send('Emulation.setEmulatedMedia', { features });
    const { data } = await this.send('Page.captureScreenshot', { format });
    mkdirSync(`${target}inspector`, { recursive: true });
    writeFileSync(`${target}inspector/${name}-${scheme}.${format}`, Buffer.from(data, 'base64'));
  }

  close() {
    return browser.send('Target.closeTarget', { targetId: this.#target.targetId });
  }

  #take(method, params) {
    if (method === 'Page.loadEventFired') this.#loaded();
    if (method === 'Tracing.dataCollected') this.#traced.push(...params.value);
    if (method === 'Tracing.tracingComplete') this.#tracingEnded();
    if (method === 'Runtime.exceptionThrown') {
      const { exception, text } = params.exceptionDetails;
      this.complaints.push(exception?.description ?? text);
    }
    if (method === 'Log.entryAdded') this.complaints.push(params.entry.text);
  }
}
