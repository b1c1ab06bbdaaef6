// The channels that a page's script finds in host apps, made of the one that the tests have: a
// function `toHost` of the page that takes text, and functions that the host calls in the page. The
// arguments of `deliver` are what `replied` returns, unless that is undefined.

/** Bytes as text, so that they pass: by nothing that a page can patch later. */
const codec = `
  const { apply } = Reflect;
  const { atob, btoa, toHost } = window;
  const { fromCharCode } = String;
  const { slice } = String.prototype;
  const { encode } = TextEncoder.prototype;
  const { get: lengthOf } = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength');
  const encoder = new TextEncoder();
  const pack = (message) => {
    if (typeof message === 'string') return 't' + message;
    const bytes = new Uint8Array(message);
    const end = apply(lengthOf, message, []);
    let text = 'b';
    for (let at = 0; at < end;) {
      const piece = { __proto__: null, length: 0 };
      while (at < end && piece.length < 0x6000) piece[piece.length++] = bytes[at++];
      text += btoa(apply(fromCharCode, null, piece));
    }
    return text;
  };
  const unpack = (text) => {
    const rest = apply(slice, text, [1]);
    if (text[0] === 't') return rest;
    const binary = atob(rest);
    const utf8 = apply(encode, encoder, [binary]);
    const buffer = new ArrayBuffer(binary.length);
    const bytes = new Uint8Array(buffer);
    for (let i = 0, at = 0; i < binary.length; i++) {
      const byte = utf8[at++];
      bytes[i] = byte < 0x80 ? byte : byte << 6 | utf8[at++] & 0x3f;
    }
    return buffer;
  };
`;

const pack = (reply) =>
  typeof reply === 'string' ? `t${reply}` : `b${Buffer.from(reply).toString('base64')}`;

const unpack = (text) =>
  text[0] === 't' ? text.slice(1) : new Uint8Array(Buffer.from(text.slice(1), 'base64'));

const decode = (payload) => {
  const end = payload.indexOf(' ');
  return [Number(payload.slice(0, end)), unpack(payload.slice(end + 1))];
};

/** Replies come through the function that the page's script leaves for them. */
const injected = {
  bytes: false,
  decode,
  script: `(() => {
    ${codec}
    window.gadgetRequest = {
      postMessage: (message) => { toHost('0 ' + pack(message)); },
    };
  })();`,
  deliver: `(reply) => { window[Symbol.for('gadget-request gadgetRequest tt')](reply); }`,
  replied: (_, reply) => reply && [reply],
};

/** Replies are events, and can be bytes: Android's WebMessageListener. */
const events = {
  bytes: true,
  decode,
  script: `(() => {
    ${codec}
    const channel = new EventTarget();
    channel.postMessage = (message) => { toHost('0 ' + pack(message)); };
    window.gadgetRequest = channel;
    window.fromHost = (text) => {
      channel.dispatchEvent(new MessageEvent('message', { data: unpack(text) }));
    };
  })();`,
  deliver: '(text) => { fromHost(text); }',
  replied: (_, reply) => reply && [pack(reply)],
};

/** A reply is a promise: Electron's contextBridge, with bytes. */
const promises = {
  bytes: true,
  decode,
  script: `(() => {
    ${codec}
    const waiting = new Map();
    let last = 0;
    window.gadgetRequest = {
      postMessage(message) {
        const number = ++last;
        toHost(number + ' ' + pack(message));
        return new Promise((resolve) => waiting.set(number, resolve));
      },
    };
    window.fromHost = (number, text) => {
      waiting.get(number)(text && unpack(text));
      waiting.delete(number);
    };
  })();`,
  deliver: '(number, text) => { fromHost(number, text); }',
  replied: (number, reply) => [number, reply && pack(reply)],
};

export const CHANNELS = { injected, events, promises };
