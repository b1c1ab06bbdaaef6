// Documents in frames: refused unless the app allows frames and their origin.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  ORIGIN, OTHER_ORIGIN, assertOk, hasFrames, http, invoke, name, open, pageUrl, until,
} from './support.js';

const skip = !hasFrames && `the driver of ${name} does not tell frames apart`;

/** A document that makes two calls and reports to the page around it how they end. */
const html = `<script>
  const call = (number) => tt.request({ url: '${http}/status/200', complete(res) {
    parent.postMessage(number + ':' + (res.errno || res.statusCode), '*');
  } });
  call(1);
  call(2);
</script>`;

/** The attributes of frames, by kind. */
const FRAMES = {
  same: { src: pageUrl(html) },
  other: { src: pageUrl(html, OTHER_ORIGIN) },
  sandboxed: { src: pageUrl(html), sandbox: 'allow-scripts' },
  srcdoc: { srcdoc: html },
  data: { src: `data:text/html,${encodeURIComponent(html)}` },
  blob: { blob: html },
};

/** In a page: adds a frame and resolves to what it reports. */
const report = `({ blob, ...attributes }) => new Promise((resolve) => {
  const reports = [];
  addEventListener('message', function listen({ data }) {
    reports.push(data);
    if (reports.length < 2) return;
    removeEventListener('message', listen);
    resolve(reports.sort().join());
  });
  const frame = document.createElement('iframe');
  if (blob) attributes.src = URL.createObjectURL(new Blob([blob], { type: 'text/html' }));
  for (const key in attributes) frame.setAttribute(key, attributes[key]);
  document.body.append(frame);
})`;

const WORKS = '1:200,2:200';
const REFUSED = '1:103,2:103';
const warning = (reason) => `tt.request is not offered to this page: ${reason}`;
const inFrame = warning('it is in a frame, and the app allows the main frame only');
const wrongOrigin = warning('its origin is not among those that the app allows');

for (const [words, settings, expected] of [
  ['frames are refused unless the app allows them', { origins: ['*'] }, {
    same: inFrame, other: inFrame, sandboxed: inFrame, srcdoc: inFrame, data: inFrame,
    blob: inFrame,
  }],
  ['frames of other origins and without one are refused', { frames: true }, {
    same: WORKS, other: wrongOrigin, sandboxed: wrongOrigin, srcdoc: WORKS, data: wrongOrigin,
    blob: WORKS,
  }],
  ['frames work if they and their origins are allowed', {
    frames: true, origins: [ORIGIN, OTHER_ORIGIN, 'null'],
  }, { same: WORKS, other: WORKS, sandboxed: WORKS, srcdoc: WORKS, data: WORKS, blob: WORKS }],
]) {
  test(`${name}: ${words}`, { skip }, async () => {
    const { evaluate, view } = await open(settings);
    for (const [kind, attributes] of Object.entries(FRAMES)) {
      view.console.length = 0;
      const seen = await evaluate(report, attributes);
      const works = expected[kind] === WORKS;
      assert.equal(seen, works ? WORKS : REFUSED, kind);
      await until(() => works || view.console.length > 0);
      assert.deepEqual(view.console, works ? [] : [expected[kind]], kind);
    }
    await view.close();
  });
}

test(`${name}: frames have no API if the script runs in main frames only`, {
  skip: hasFrames && 'the script runs in all frames',
}, async () => {
  const { evaluate, view } = await open();
  const reporting = '<script>for (const i of [1, 2]) parent.postMessage(typeof tt, "*");</script>';
  for (const attributes of [
    { src: pageUrl(reporting) },
    { src: pageUrl(reporting, OTHER_ORIGIN) },
    { src: pageUrl(reporting), sandbox: 'allow-scripts' },
    { srcdoc: reporting },
    { src: `data:text/html,${encodeURIComponent(reporting)}` },
    { blob: reporting },
  ]) assert.equal(await evaluate(report, attributes), 'undefined,undefined');
  await view.close();
});

test(`${name}: the end of a frame aborts its calls, and no others`, { skip }, async () => {
  const { client, evaluate, view } = await open({ frames: true });
  const slow = `${http}/delay/60000`;
  await evaluate(`async (src, url) => {
    const frame = document.createElement('iframe');
    frame.src = src;
    const loaded = new Promise((resolve) => { frame.onload = resolve; });
    document.body.append(frame);
    await loaded;
    window.results = [];
    const complete = ({ errMsg }) => { results.push(errMsg); };
    window.tasks = [tt, frame.contentWindow.tt].map(({ request }) => request({ url, complete }));
  }`, pageUrl('<p>frame</p>'), slow);
  await until(() => client.inFlight === 2);
  await evaluate(`() => document.querySelector('iframe').remove()`);
  await until(() => client.inFlight === 1);
  // The page around it can still hold a task of the frame.
  const results = await evaluate(`async () => {
    tasks[1].abort();
    tasks[0].abort();
    while (results.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    return results;
  }`);
  assert.deepEqual(results, ['request:fail abort']);
  await until(() => client.inFlight === 0);
  await view.close();
});

test(`${name}: a main frame that goes away ends the calls of its frames`, { skip }, async () => {
  const { client, evaluate, view } = await open({ frames: true });
  const inside = `<script>tt.request({ url: '${http}/delay/60000' });</script>`;
  await evaluate(`(src) => {
    for (let i = 0; i < 3; i++) document.body.append(Object.assign(new Image(), { alt: '' }),
      Object.assign(document.createElement('iframe'), { src }));
  }`, pageUrl(inside));
  await until(() => client.inFlight === 3);
  await view.load(pageUrl('<p>next</p>'));
  await until(() => client.inFlight === 0);
  assertOk((await evaluate(invoke, { url: `${http}/status/200` })).res);
  await view.close();
});
