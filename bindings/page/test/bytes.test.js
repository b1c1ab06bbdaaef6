// Bytes in both directions: over channels that carry them, and as base64 over those that do not.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { channels, http, name, open, pageUrl, scriptFor } from './support.js';

const SMALL = [0, 1, 2, 3, 64 * 1024 + 1];
const LARGE = 20 << 20;
/** One channel that carries bytes, and those that do not: the large case takes its time. */
const isForLarge = (channel) => channel !== 'events';

/** In a page: sends that many bytes; resolves to the trace of the call. */
const send = `async (http, length) => {
  const data = new Uint8Array(length);
  for (let i = 0; i < length; i++) data[i] = i % 251;
  const { trace } = await new Promise((complete) => {
    tt.request({ url: http + '/status/200', method: 'POST', data: data.buffer, complete });
  });
  return trace;
}`;

/** In a page: receives that many bytes; resolves to the result's names, or to what is wrong. */
const receive = `async (http, length) => {
  const res = await new Promise((complete) => {
    tt.request({ url: http + '/bytes/' + length, responseType: 'arraybuffer', complete });
  });
  if (!(res.data instanceof ArrayBuffer)) return 'no ArrayBuffer';
  if (res.data.byteLength !== length) return res.data.byteLength + ' bytes came';
  const view = new Uint8Array(res.data);
  for (let i = 0; i < length; i++) {
    const digit = i % 16;
    if (view[i] !== (digit < 10 ? 48 : 87) + digit) return 'byte ' + i + ' is wrong';
  }
  return Object.keys(res).join();
}`;

for (const channel of channels) {
  const lengths = isForLarge(channel) ? [...SMALL, LARGE] : SMALL;
  test(`${name}, ${channel}: bytes pass both ways, equal`, async () => {
    const { evaluate, view } = await open({ channel });
    for (const length of lengths) {
      const trace = await evaluate(send, http, length);
      const { body_base64: body } = await (await fetch(`${http}/received/${trace}`)).json();
      const expected = Buffer.alloc(length, Buffer.from(Array.from({ length: 251 }, (_, i) => i)));
      assert.ok(Buffer.from(body, 'base64').equals(expected), `${length} bytes sent`);
      const names = await evaluate(receive, http, length);
      assert.equal(names, 'statusCode,header,data,cookies,trace,errMsg', `${length} bytes`);
    }
    await view.close();
  });

  test(`${name}, ${channel}: views and shared buffers stand for their bytes`, async () => {
    const { evaluate, view } = await open({ channel, load: false });
    await view.load(`${pageUrl()}&isolated`);
    const results = await evaluate(`async (url) => {
      const send = (data) => new Promise((resolve) => {
        tt.request({ url, method: 'POST', data, complete: resolve });
      });
      const { buffer } = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]);
      const detached = new ArrayBuffer(8);
      const shown = new Uint8Array(detached, 2);
      const dataView = new DataView(detached, 2);
      postMessage('', '*', [detached]);
      const frame = document.createElement('iframe');
      document.body.append(frame);
      const foreign = new frame.contentWindow.Uint8Array([7, 8]);
      const all = [
        new Uint8Array(buffer, 1, 2), new Uint16Array(buffer, 2, 2), new DataView(buffer, 5),
        foreign, foreign.buffer, detached, shown, dataView,
      ];
      if (window.SharedArrayBuffer) {
        const shared = new Uint8Array(new SharedArrayBuffer(2));
        shared.set([5, 6]);
        all.push(shared, shared.buffer, new DataView(shared.buffer, 1));
      }
      const texts = [];
      for (const data of all) {
        const res = await send(data);
        if (res.errno) texts.push(res.errno + ' ' + res.errMsg);
        else texts.push(Array.from(atob(res.data.body_base64), (it) => it.charCodeAt(0)).join());
      }
      return texts;
    }`, `${http}/echo`);
    const expected = ['1,2', '2,3,4,5', '5,6,7', '7,8', '7,8'];
    assert.deepEqual(results.splice(0, 5), expected);
    const gone = results.splice(0, 3);
    for (const text of gone) assert.match(text, /^104 request:fail invalid options/);
    // WebKitGTK has no shared memory.
    assert.deepEqual(results, name === 'chromium' ? ['5,6', '5,6', '6'] : []);
    await view.close();
  });
}

test(`${name}: a frame has the length of its text, the text and the bytes`, async () => {
  const { evaluate, view } = await open();
  const scripts = [true, false].map((bytes) => scriptFor({ name: 'my', channel: 'host', bytes }));
  const [frame, text] = await evaluate(`(scripts) => scripts.map((script, i) => {
    const messages = [];
    window['host' + i] = { postMessage: (message) => messages.push(message) };
    (0, eval)(script.replace('"host"', '"host' + i + '"').replace('"my"', '"my' + i + '"'));
    window['my' + i].request({ url: 'é', data: Uint8Array.of(1, 2, 0, 255) });
    const [, message] = messages;
    return typeof message === 'string' ? message : Array.from(new Uint8Array(message));
  })`, scripts);
  const bytes = Buffer.from(frame);
  const end = 4 + bytes.readUInt32BE();
  const { page, ...call } = JSON.parse(bytes.toString('utf8', 4, end));
  assert.match(page, /^[0-9a-f]{32}$/);
  assert.deepEqual(call, { call: 1, options: { url: 'é' } });
  assert.deepEqual([...bytes.subarray(end)], [1, 2, 0, 255]);
  const { base64, options } = JSON.parse(text);
  assert.deepEqual([options, base64], [{ url: 'é' }, 'AQIA/w==']);
  await view.close();
});
