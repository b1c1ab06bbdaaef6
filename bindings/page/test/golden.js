// The face `page` of scripts/golden: calls are made in a page in Chromium, all else in Node.
import { serve } from '../../node/test/serving.js';
import { face } from '../../node/test/support.js';
import { Browser } from './chromium.js';

const CHANNEL = 'promises';
const settings = { origins: ['null'], bytes: true };

const browser = new Browser();
let bridge;
let hello;
let view;

/** A client whose calls come from the page. One document is there for all, to save time. */
async function newClient(config) {
  const client = new face.GadgetClient(config);
  bridge = client.createBridge(settings);
  if (hello) await bridge.receive(...hello);
  view ??= await openPage(bridge.script);
  await view.evaluateNow('ends = {}; tasks = {}; events = {};');
  client.request = request;
  return client;
}

async function openPage(script) {
  const receive = (...message) => {
    hello ??= message; // it comes first
    return bridge.receive(...message);
  };
  const page = await browser.open({ script, receive }, CHANNEL);
  await page.load('about:blank');
  return page;
}

let calls = 0;

/** Starts a call in the page. Resolves to its task when it has started. */
async function request({ complete, data, ...options }, listeners) {
  const number = ++calls;
  const isBytes = data instanceof ArrayBuffer;
  const text = JSON.stringify(isBytes ? options : { ...options, data });
  const base64 = isBytes ? Buffer.from(data).toString('base64') : null;
  await view.evaluate(start, number, text, base64, Boolean(listeners));
  view.evaluate(end, number).then(async ([json, buffer]) => {
    const result = JSON.parse(json);
    if (buffer !== null) result.data = Uint8Array.from(Buffer.from(buffer, 'base64')).buffer;
    for (const [event, text] of await view.evaluate(`(number) => events[number]`, number)) {
      if (event === 'result') complete(result);
      else if (event === 'head') listeners.onHeadersReceived(JSON.parse(text));
      else listeners.onChunkReceived({ data: Buffer.from(text, 'base64') });
    }
  });
  return { abort: () => view.evaluateNow(`tasks[${number}].abort()`) };
}

/** In the page: calls `request`, and keeps what its listeners hear and when its result comes. */
const start = `(number, text, base64, listens) => {
  const options = JSON.parse(text);
  if (base64 !== null) {
    options.data = Uint8Array.from(atob(base64), (it) => it.charCodeAt(0)).buffer;
  }
  const heard = (events[number] = []);
  ends[number] = new Promise((resolve) => {
    const complete = (result) => {
      heard.push(['result']);
      resolve(result);
    };
    tasks[number] = tt.request({ ...options, complete });
  });
  if (!listens) return;
  tasks[number].onHeadersReceived((head) => heard.push(['head', JSON.stringify(head)]));
  tasks[number].onChunkReceived(({ data }) => {
    const characters = Array.from(new Uint8Array(data), (it) => String.fromCharCode(it));
    heard.push(['chunk', btoa(characters.join(''))]);
  });
}`;

/** In the page: waits for the result of a call. */
const end = `async (number) => {
  const { data, ...rest } = await ends[number];
  if (!(data instanceof ArrayBuffer)) return [JSON.stringify(await ends[number]), null];
  const characters = Array.from(new Uint8Array(data), (it) => String.fromCharCode(it));
  return [JSON.stringify(rest), btoa(characters.join(''))];
}`;

await serve(newClient);
await browser.close();
