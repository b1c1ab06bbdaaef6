// A request as a command for curl, quoted for any POSIX shell.

/** What curl writes itself, or what belongs to one connection. */
const OWN = new Set([
  'host', 'content-length', 'connection', 'transfer-encoding', 'keep-alive', 'upgrade', 'te',
  'trailer', 'expect', 'accept-encoding', 'proxy-authorization', 'proxy-connection',
]);
/** What stands in place of a secret. */
export const REDACTED = '[redacted]';
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** A terminal may take these for commands, even within quotes. A tab and a line break are safe. */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

/** A text as one word of a shell. */
export const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The last request of a call as a command, or null if none was sent or it cannot be written. */
export function curl(call) {
  const { request } = call.hop ?? {};
  if (!request || !/^https?:\/\//.test(request.url) || CONTROL.test(request.url)) return null;
  const method = String(request.method ?? 'GET');
  if (!TOKEN.test(method)) return null;
  const parts = ['curl --globoff --compressed'];
  const notes = [];
  let input = '';
  if (method === 'HEAD') parts.push('--head');
  else if (method !== 'GET') parts.push(`--request ${quoted(method)}`);
  const fields = Object.entries(request.header ?? {}).filter(([name]) => !OWN.has(name));
  for (const [name, value] of fields) {
    if (value === REDACTED) notes.push(`${name} is not shown here`);
    else if (TOKEN.test(name) && !/[\r\n\0]/.test(value)) parts.push(header(name, String(value)));
  }
  const data = body(request);
  if (data) {
    parts.push(data.option);
    input = data.input;
    // Without this, curl adds the type of a form.
    if (!fields.some(([name]) => name === 'content-type')) parts.push("--header 'content-type:'");
  } else if (request.bytes > 0) {
    notes.push('its body is not shown here');
  }
  parts.push(quoted(request.url));
  const command = input + parts.join(' \\\n  ');
  return notes.length ? `${command} # ${notes.join('; ').replaceAll(/[^ -~]/g, '?')}` : command;
}

/** An empty value is written with a semicolon. */
const header = (name, value) =>
  `--header ${quoted(value === '' ? `${name};` : `${name}: ${value}`)}`;

/** The option for a body, and the command that writes the body, if that needs one. */
function body({ method, body: text, bodyBase64, bytes }) {
  if (typeof text === 'string' && !CONTROL.test(text)) {
    return { option: `--data-raw ${quoted(text)}`, input: '' };
  }
  const raw = typeof bodyBase64 === 'string'
    ? Uint8Array.from(atob(bodyBase64), (it) => it.charCodeAt(0))
    : typeof text === 'string' && new TextEncoder().encode(text);
  if (raw) return { option: '--data-binary @-', input: `printf ${quoted(format(raw))} | ` };
  const isEmpty = bytes === 0 && ['POST', 'PUT', 'PATCH'].includes(method);
  return isEmpty ? { option: "--data-raw ''", input: '' } : null;
}

/** Bytes as the format of `printf`: letters as they are, all others by their numbers. */
function format(bytes) {
  return Array.from(bytes, (byte) => {
    if (byte === 0x25) return '%%';
    if (byte === 0x5c) return '\\\\';
    return byte >= 0x20 && byte < 0x7f
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, '0')}`;
  }).join('');
}
