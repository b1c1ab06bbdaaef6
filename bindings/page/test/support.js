// What the tests share: a browser, pages, the engine behind them.
import { createServer } from 'node:http';
import { after } from 'node:test';

import { config, face, http } from '../../node/test/support.js';
import { CHANNELS } from './channels.js';

/** Which browser: `chromium` or `webkit`. */
export const name = process.env.GADGET_BROWSER ?? 'chromium';
const { Browser, channels, hasFrames } = await import(`./${name}.js`);
export { channels, hasFrames, http };
export {
  assertFail, assertOk, counter, gc, native, release, until,
} from '../../node/test/support.js';

const browser = new Browser();
after(() => browser.close());

/** Serves each path as a page; its query has the HTML. One that is isolated may share memory. */
const pages = createServer((request, response) => {
  const { searchParams } = new URL(request.url, 'http://page');
  if (searchParams.has('isolated')) {
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
  }
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><title>page</title>${searchParams.get('html') ?? ''}`);
}).listen(0, '127.0.0.1');
await new Promise((resolve) => {
  pages.once('listening', resolve);
});
after(() => pages.close());

export const ORIGIN = `http://127.0.0.1:${pages.address().port}`;
/** The same server, as another origin. */
export const OTHER_ORIGIN = `http://localhost:${pages.address().port}`;

/** A page with this HTML. */
export const pageUrl = (html = '', origin = ORIGIN) =>
  `${origin}/?html=${encodeURIComponent(html)}`;

/** A client, a bridge to it and an empty page with the API. */
export async function open({ channel = channels[0], load = true, ...settings } = {}) {
  const client = new face.GadgetClient(config);
  const bytes = CHANNELS[channel]?.bytes;
  const bridge = client.createBridge({ origins: [ORIGIN], bytes, ...settings });
  const view = await browser.open(bridge, channel);
  if (load) await view.load(pageUrl());
  return { client, bridge, view, evaluate: (...args) => view.evaluate(...args) };
}

/** A bridge's script, for a channel that a test makes within a page. */
export function scriptFor(settings) {
  const client = new face.GadgetClient(config);
  const { script } = client.createBridge(settings);
  client.shutdown();
  return script;
}

/** In a page: makes a call, and resolves to the names of its callbacks and its result. */
export const invoke = `(options) => new Promise((resolve) => {
  const names = [];
  const note = (name) => (res) => {
    names.push(name);
    if (name === 'complete') resolve({ names, res });
  };
  tt.request(Object.assign({
    success: note('success'), fail: note('fail'), complete: note('complete'),
  }, options));
})`;
