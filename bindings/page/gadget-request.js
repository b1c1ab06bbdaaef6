/*
 * Puts `request` under a global of a page in a WebView. gadget-request.d.ts documents what the
 * page gets; docs/bridge.md has the messages.
 *
 * The engine's `Bridge` gives the host app this file with its settings behind it. The host app runs
 * it at the start of each document, before any script of the page.
 *
 * Scripts of the page may patch what they share with this one: JSON, Promise, prototypes. So this
 * script keeps what it needs in constants, reads objects by their own members only, and calls no
 * method through a prototype that a page can reach.
 */
(function (settings) {
  'use strict';

  const { name, channel: channelName, bytes: carriesBytes, secret } = settings;
  const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
  const { parse, stringify } = JSON;
  const { hasOwnProperty } = Object.prototype;
  const { slice } = String.prototype;
  const { addEventListener, console, crypto, parseInt, setTimeout } = window;
  const { getRandomValues } = crypto;
  const TheArrayBuffer = ArrayBuffer;
  const { isView } = TheArrayBuffer;
  const Bytes = Uint8Array;
  const { set } = Bytes.prototype;
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const { encode } = encoder;
  const { decode } = decoder;
  const { now } = Date;
  const { warn } = console;
  // What `await` looks at to tell a promise of this document from another thenable.
  const ownPromise = { __proto__: null, value: Promise };
  const getter = (type, key) => getOwnPropertyDescriptor(type, key).get;
  const typedArray = getPrototypeOf(Bytes.prototype);
  const bufferIn = getter(typedArray, 'buffer');
  const offsetIn = getter(typedArray, 'byteOffset');
  const lengthIn = getter(typedArray, 'length');
  const lengthsOfBuffers = [ArrayBuffer, window.SharedArrayBuffer]
    .filter((type) => type)
    .map((type) => getter(type.prototype, 'byteLength'));

  /** The text of a frame is shorter than this, so that a frame's first byte is 0. */
  const LONGEST_TEXT = 0x1000000;
  const EQUALS_SIGN = 61;
  /** The characters of base64 by their values, and the values by their characters. */
  const codes = encoder.encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
  const values = new Bytes(256);
  codes.forEach((code, value) => {
    values[code] = value;
  });

  const mark = Symbol.for(`gadget-request ${channelName} ${name}`);
  if (isOwn(window, mark)) return; // this document has it already

  const page = randomHex(16);
  /** The callbacks and listeners of the calls that have no result yet, by number. */
  const pending = { __proto__: null };
  let calls = 0;
  let hasWarned = false;
  let isEntering = false;

  const channel = findChannel();
  const post = channel && channel.postMessage;
  if (channel && typeof channel.addEventListener === 'function') {
    channel.addEventListener('message', (event) => {
      receive(event.data);
    });
  }
  // The way in for a host app whose channel only leads out of the page.
  defineProperty(window, mark, { value: receive });
  install();
  enter();

  function request(options) {
    const id = ++calls;
    const state = pending[id] = {
      __proto__: null,
      success: read(options, 'success', 'function'),
      fail: read(options, 'fail', 'function'),
      complete: read(options, 'complete', 'function'),
      isChunked: read(options, 'enableChunked', 'boolean'),
      headers: { __proto__: null, count: 0 }, chunks: { __proto__: null, count: 0 },
      hasHead: false, isAsking: false, isAborted: false,
    };
    watch();
    send(messageOf(id, options), id);
    if (state.isChunked) ask(id);
    return {
      abort() {
        state.isAborted = true;
        if (id in pending) send(message(`"abort":${id}`));
      },
      onHeadersReceived(listener) {
        if (add(state.headers, listener) && !state.hasHead) ask(id);
      },
      offHeadersReceived: (listener) => remove(state.headers, listener),
      onChunkReceived: (listener) => void add(state.chunks, listener),
      offChunkReceived: (listener) => remove(state.chunks, listener),
    };
  }

  /** Asks for the next event of a call, unless it has asked already. */
  function ask(id) {
    const state = pending[id];
    if (state === undefined || state.isAsking) return;
    state.isAsking = true;
    send(message(`"next":${id}`));
  }

  function hear(id, members, chunk) {
    const state = pending[id];
    if (state === undefined) return;
    state.isAsking = false;
    if (isOwn(members, 'headers')) hearHead(state, members.headers);
    else tell(state, state.chunks, { data: chunk });
    if (state.isChunked) ask(id);
  }

  function hearHead(state, { statusCode, header, cookies }) {
    if (!state.hasHead) tell(state, state.headers, { statusCode, header, cookies });
    state.hasHead = true;
  }

  function tell(state, listeners, event) {
    for (let i = 0; i < listeners.count; i++) {
      if (listeners[i].isOn && !state.isAborted) call(listeners[i].listener, event);
    }
  }

  function add(listeners, listener) {
    if (typeof listener !== 'function') return false;
    remove(listeners, listener);
    listeners[listeners.count++] = { listener, isOn: true };
    return true;
  }

  function remove(listeners, listener) {
    for (let i = 0; i < listeners.count; i++) {
      if (listener === undefined || listeners[i].listener === listener) listeners[i].isOn = false;
    }
  }

  /** The object that takes messages: of WebKit, or a global of the host app's. */
  function findChannel() {
    const { webkit } = window;
    const handlers = webkit && webkit.messageHandlers;
    const found = (handlers && handlers[channelName]) || window[channelName];
    return found && typeof found.postMessage === 'function' ? found : undefined;
  }

  function install() {
    let api = isOwn(window, name) ? window[name] : undefined;
    if (Object(api) !== api) define(window, name, api = {});
    define(api, 'request', request);
  }

  function define(object, key, value) {
    defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
  }

  /** Tells the host that a document begins. What it still waits for has been aborted meanwhile. */
  function enter() {
    watch();
    send(message('"hello":true'));
    for (const id in pending) send(message(`"abort":${id}`), id);
  }

  /** `document.open()` removes listeners, so that each call adds them again: never twice. */
  function watch() {
    apply(addEventListener, window, ['pagehide', leave]);
    apply(addEventListener, window, ['pageshow', enterAgain]);
  }

  // An event that a script has made does not count.
  function leave(event) {
    if (event.isTrusted) send(message('"bye":true'));
  }

  function enterAgain(event) {
    if (event.isTrusted && event.persisted) enter();
  }

  /** The option of that name. One that has another type, or cannot be read, is none. */
  function read(options, key, type) {
    try {
      const value = options[key];
      return typeof value === type ? value : undefined;
    } catch (_) {
      return undefined;
    }
  }

  function message(members) {
    return `{"page":"${page}",${members}}`;
  }

  /** A call's message: text, or a frame. Options without a text are left out: that is a 104. */
  function messageOf(id, options) {
    const call = `"call":${id}`;
    try {
      // As JSON has it: no member of a prototype.
      const hasData = options && typeof options === 'object' && isOwn(options, 'data');
      const bytes = hasData ? bytesOf(options.data) : undefined;
      const text = bytes
        ? stringify(options, function (key, value) {
          return key === 'data' && this === options ? undefined : value;
        })
        : stringify(options);
      const members = `${call},"options":${text || 'null'}`;
      if (!bytes) return message(members);
      return carriesBytes && members.length < LONGEST_TEXT / 4
        ? frame(message(members), bytes)
        : message(`${members},"base64":"${base64(bytes)}"`);
    } catch (_) {
      return message(call);
    }
  }

  /** The bytes of a buffer, or those that a view shows; throws if they have been transferred. */
  function bytesOf(data) {
    if (isView(data)) return new Bytes(data.buffer, data.byteOffset, data.byteLength);
    return isBuffer(data) ? new Bytes(data) : undefined;
  }

  function isBuffer(data) {
    for (let i = 0; i < lengthsOfBuffers.length; i++) {
      try {
        apply(lengthsOfBuffers[i], data, []);
        return true;
      } catch (_) {
        // It is none of this type.
      }
    }
    return false;
  }

  function lengthOf(bytes) {
    return apply(lengthIn, bytes, []);
  }

  /** As `subarray`, which would ask the page's prototypes. */
  function part(bytes, from, length) {
    const start = apply(offsetIn, bytes, []) + from;
    return new Bytes(apply(bufferIn, bytes, []), start, length);
  }

  /** The length of the text in four bytes, the text, the bytes. */
  function frame(text, bytes) {
    const head = apply(encode, encoder, [text]);
    const length = lengthOf(head);
    const whole = new TheArrayBuffer(4 + length + lengthOf(bytes));
    const view = new Bytes(whole);
    for (let i = 0; i < 4; i++) view[i] = length >>> (24 - 8 * i);
    apply(set, view, [head, 4]);
    apply(set, view, [bytes, 4 + length]);
    return whole;
  }

  // `btoa` and `atob` would need strings with a character for each byte, which takes twice as long.
  function base64(bytes) {
    const length = lengthOf(bytes);
    const end = (length + 2 - (length + 2) % 3) / 3 * 4;
    const text = new Bytes(end);
    for (let i = 0, at = 0; i < length; i += 3) {
      const bits = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];
      for (let shift = 18; shift >= 0; shift -= 6) text[at++] = codes[bits >> shift & 63];
    }
    for (let i = 1; i <= (3 - length % 3) % 3; i++) text[end - i] = EQUALS_SIGN;
    return apply(decode, decoder, [text]);
  }

  function bufferOf(text) {
    const characters = apply(encode, encoder, [text]);
    let end = lengthOf(characters);
    while (characters[end - 1] === EQUALS_SIGN) end--;
    const buffer = new TheArrayBuffer((end * 3 - end * 3 % 4) / 4);
    const view = new Bytes(buffer);
    for (let i = 0, at = 0; i < end; at += 3) {
      let bits = 0;
      for (let j = 0; j < 4; j++) bits = bits << 6 | values[characters[i++]];
      view[at] = bits >> 16;
      view[at + 1] = bits >> 8;
      view[at + 2] = bits;
    }
    return buffer;
  }

  /** Sends a message; a call whose message cannot be sent fails. */
  function send(text, id) {
    if (!channel) {
      refuse('the app has no channel for it');
      fail(id, 103, 'feature not support', 'feature not supported');
      return;
    }
    try {
      const reply = apply(post, channel, secret ? [text, secret] : [text]);
      if (reply && typeof reply === 'object') receivePromised(reply, id);
    } catch (_) {
      fail(id);
    }
  }

  async function receivePromised(reply, id) {
    try {
      defineProperty(reply, 'constructor', ownPromise);
      receive(await reply);
    } catch (_) {
      fail(id);
    }
  }

  async function fail(id, errno = 102, errString = 'internal error', detail = errString) {
    await undefined; // a callback never comes from within the function that it belongs to
    const trace = `02${now()}${randomHex(19)}`;
    settle(id, { errMsg: `request:fail ${detail}`, errno, errString, trace });
  }

  /** Takes a reply: text, a frame, or nothing. */
  async function receive(reply) {
    await undefined;
    let text = '';
    try {
      let bytes;
      if (typeof reply === 'string') {
        text = reply;
      } else {
        const view = isView(reply) ? reply : bytesOf(reply);
        if (!view) return;
        const end = view[1] << 16 | view[2] << 8 | view[3];
        const length = lengthOf(view) - 4 - end;
        text = apply(decode, decoder, [part(view, 4, end)]);
        bytes = new TheArrayBuffer(length);
        apply(set, new Bytes(bytes), [part(view, 4 + end, length)]);
      }
      const members = parse(text);
      if (members.page !== page) return; // it is for a document that was here before
      if (isOwn(members, 'base64')) bytes = bufferOf(members.base64);
      if (isOwn(members, 'refused')) refuse(members.refused);
      if (isOwn(members, 'result')) settle(members.id, withData(members.result, bytes));
      else if (isOwn(members, 'id')) hear(members.id, members, bytes);
      // The host took this document for ended: it hears of it again, once.
      const isUnknown = isOwn(members, 'unknown');
      if (isUnknown && !isEntering) enter();
      isEntering = isUnknown;
    } catch (_) {
      // This JavaScript engine cannot hold it.
      const id = parseInt(apply(slice, text, [6, 24]), 10);
      const start = `{"id":${id},"page":"${page}"`;
      if (apply(slice, text, [0, start.length]) === start) fail(id);
    }
  }

  /** The result with `data` in its place, behind `header`. */
  function withData(result, data) {
    if (data === undefined) return result;
    const { statusCode, header, cookies, trace, errMsg } = result;
    return { statusCode, header, data, cookies, trace, errMsg };
  }

  function settle(id, result) {
    const state = pending[id];
    if (state === undefined) return;
    // A head that was wanted too late for the host comes now.
    if (!isOwn(result, 'errno')) hearHead(state, result);
    delete pending[id];
    call(isOwn(result, 'errno') ? state.fail : state.success, result);
    call(state.complete, result);
  }

  /** What a callback throws is the page's to handle, and stops nothing here. */
  function call(callback, result) {
    try {
      if (callback) callback(result);
    } catch (error) {
      apply(setTimeout, window, [() => {
        throw error;
      }]);
    }
  }

  function refuse(reason) {
    if (hasWarned) return;
    hasWarned = true;
    apply(warn, console, [`${name}.request is not offered to this page: ${reason}`]);
  }

  function isOwn(object, key) {
    return apply(hasOwnProperty, object, [key]);
  }

  function randomHex(count) {
    const digits = '0123456789abcdef';
    const bytes = new Bytes(count);
    apply(getRandomValues, crypto, [bytes]);
    let text = '';
    for (let i = 0; i < count; i++) text += digits[bytes[i] >> 4] + digits[bytes[i] & 15];
    return text;
  }
})
