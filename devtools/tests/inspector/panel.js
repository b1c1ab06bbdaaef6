// The network panel of Chromium's DevTools, which are a page of the browser itself.
import { newPage } from './support.js';

const MODULES = 'devtools://devtools/bundled';
const PANEL = `${MODULES}/devtools_app.html?panel=network`;

/** What the panel has after `count` requests were imported from a HAR, with its own button. */
export async function imported(file, count) {
  const page = await newPage({ width: 1280, height: 760 });
  await page.load(PANEL);
  await page.until(`() => (${within})('input[type=file]').length === 1`);
  const button = { expression: `(${within})('input[type=file]')[0]` };
  const { result: { objectId } } = await page.send('Runtime.evaluate', button);
  await page.send('DOM.setFileInputFiles', { files: [file], objectId });
  const rows = `(${within})('[data-network-request-id]')`;
  await page.until(`(count) => ${rows}.length === count`, count);
  return { page, requests: await page.evaluate(read(rows), MODULES) };
}

/** Elements of the page and of all shadow trees in it. */
function within(selector) {
  const found = [];
  const look = (root) => {
    found.push(...root.querySelectorAll(selector));
    for (const { shadowRoot } of root.querySelectorAll('*')) if (shadowRoot) look(shadowRoot);
  };
  look(document);
  return found;
}

/**
 * A function that reads the requests of the panel: what its rows show, and what it knows for the
 * other views of a request. Times are milliseconds; what did not happen is -1.
 */
function read(rows) {
  return `async (modules) => {
    const { NetworkLog } = await import(modules + '/models/logs/logs.js');
    const rows = new Map(${rows}.map((row) => [row.dataset.networkRequestId, row]));
    return Promise.all(NetworkLog.NetworkLog.instance().requests().map(async (request) => {
      const row = rows.get(request.requestId());
      const cell = (column) => row.querySelector('.' + column + '-column');
      const [status, reason] = [...cell('status').childNodes].map((node) => node.textContent);
      const { timing, endTime } = request;
      const phase = (from, to) => (timing[from] < 0 ? -1 : timing[to] - timing[from]);
      const connect = phase('connectStart', 'connectEnd');
      const content = await request.requestContentData();
      return {
        url: cell('name').title,
        status,
        reason: reason ?? '',
        type: cell('type').textContent,
        method: request.requestMethod,
        protocol: request.protocol,
        peer: request.remoteAddress(),
        sent: await request.requestFormData(),
        size: request.resourceSize,
        received: request.transferSize,
        body: content.isTextContent ? content.text : content.base64,
        started: request.issueTime() * 1000,
        time: request.duration * 1000,
        phases: {
          dns: phase('dnsStart', 'dnsEnd'),
          connect,
          ssl: phase('sslStart', 'sslEnd'),
          send: phase('sendStart', 'sendEnd'),
          wait: Math.max(0, phase('receiveHeadersStart', 'receiveHeadersEnd')),
          receive: (endTime - request.startTime) * 1000 - timing.receiveHeadersEnd,
        },
      };
    }));
  }`;
}
