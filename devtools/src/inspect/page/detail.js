// The pane of one call: what was sent, what came, and where the time went.
import { REDACTED, curl } from './curl.js';
import { block, element } from './dom.js';
import { body, clock, count, duration, number, pretty, size, text } from './format.js';
import { tone } from './list.js';
import { table } from './waterfall.js';

export class Detail {
  #pane;
  #errors;
  #onClose;
  #call = null;
  #seen = -1;

  /** `errors` is the engine's table: `{ errno, errString, detail, when, todo, again }`. */
  constructor(pane, errors, onClose) {
    this.#pane = pane;
    this.#errors = errors;
    this.#onClose = onClose;
  }

  /** Shows a call, or nothing. Does nothing if nothing has changed. */
  show(call) {
    const seen = call ? call.events.length + (call.isOver ? 0.5 : 0) : -1;
    if (call === this.#call && seen === this.#seen) return;
    const top = call === this.#call ? this.#pane.scrollTop : 0;
    [this.#call, this.#seen] = [call, seen];
    this.#pane.hidden = !call;
    this.#pane.replaceChildren(...(call ? this.#parts(call) : []));
    this.#pane.scrollTop = top;
  }

  focus() {
    this.#pane.focus();
  }

  #parts(call) {
    return [
      this.#heading(call),
      this.#outcome(call),
      section('Time', table(call, Date.now())),
      ...call.hops.flatMap((hop, i) => exchange(hop, i, call)),
      section('Result object', resultOf(call)),
      section('Steps', steps(call)),
    ].filter(Boolean);
  }

  #heading(call) {
    const close = button('Close', () => this.#onClose());
    const command = curl(call);
    const copy = button('Copy as cURL', () => copyText(copy, command));
    copy.id = 'copy';
    copy.disabled = command === null;
    if (copy.disabled) copy.title = 'No request was sent.';
    return element(
      'div', 'top',
      element('div', 'bar-of-tools', copy, close),
      element('h2', '', `${call.method} `, element('span', 'long', call.url)),
    );
  }

  #outcome(call) {
    const facts = [
      ['App', call.client.name],
      ['Started', clock(call.startedAt)],
      ['Trace', call.trace],
      ['Connection', connection(call.hop?.connection)],
      ['Bytes', bytes(call.end?.profile)],
      ['Cause', text(call.end?.cause)],
    ].filter(([, value]) => value);
    return element(
      'section', '',
      element('p', `outcome ${tone(call)}`, headline(call)),
      call.state === 'fail' && this.#meaning(call.end),
      list(facts),
    );
  }

  /** What the engine's own table says of an error. */
  #meaning(end) {
    const words = text(end.detail);
    const error = this.#errors.find(({ detail }) => detail === words) ??
      this.#errors.find(({ detail }) => words.startsWith(`${detail}: `));
    if (!error) return null;
    return list([
      ['When', error.when],
      ['What to do', error.todo],
      ['Again?', error.again],
    ]);
  }
}

/** The outcome in one line. */
function headline(call) {
  switch (call.state) {
    case 'success':
      return `Status ${call.statusCode ?? ''}`;
    case 'fail':
      return `Error ${call.errno ?? ''}, ${text(call.end.errString)}: ${text(call.end.detail)}`;
    case 'lost':
      return 'The client is gone: how this call ended is not known';
    default:
      return call.state === 'waiting' ? 'Waits for a place' : 'In flight';
  }
}

function connection(event) {
  if (!event) return '';
  const peer = event.peerIP
    ? `${text(event.peerIP)}${event.port ? `, port ${event.port}` : ''}`
    : '';
  return [event.reused ? 'reused' : 'new', text(event.protocol), peer].filter(Boolean).join(', ');
}

function bytes(profile) {
  if (profile?.sendBytesCount === undefined) return '';
  const { sendBytesCount, receivedBytedCount, decodedBytes } = profile;
  const decoded = decodedBytes === undefined ? '' : `; ${size(decodedBytes)} decoded`;
  return `${size(sendBytesCount)} sent, ${size(receivedBytedCount)} received${decoded}`;
}

/** A request as it was sent, and the head that answered it. */
function exchange({ request, head, redirect }, i, call) {
  const place = call.hops.length > 1 ? ` ${i + 1} of ${call.hops.length}` : '';
  const answered = head && [
    element('p', 'line', `Status ${head.statusCode ?? ''}`),
    redirect && element('p', 'line', `Redirects to ${text(redirect.url)}`),
    fields(head.header),
    Array.isArray(head.cookies) && head.cookies.length > 0 &&
      list(head.cookies.map((line) => ['cookie', String(line)])),
  ];
  return [
    section(
      `Request${place}, as sent`,
      element('p', 'line', `${text(request.method)} ${text(request.url)}`),
      fields(request.header),
      requestBody(request),
    ),
    head && section(`Response${place}`, ...answered),
  ];
}

function requestBody(request) {
  if (typeof request.body === 'string' && request.body !== '') return block(body(request.body));
  return request.bytes > 0 && element('p', 'line', `A body of ${size(request.bytes)}`);
}

function resultOf({ end }) {
  if (!end) return null;
  if (!end.result) return null;
  const shown = block(pretty(end.result));
  if (typeof end.bodyStart !== 'string') return shown;
  const words = 'Its data is too long to be shown in full. It begins with:';
  return [shown, element('p', 'line', words), block(end.bodyStart)];
}

/** All events of a call, with the time since its start. */
function steps(call) {
  const start = call.events[0].at;
  const rows = call.events.map((event) => element(
    'tr', '',
    element('td', 'amount', duration(number(event.at - start))),
    element('th', '', text(event.event)),
    element('td', 'long', words(event)),
  ));
  return element('table', 'steps', element('tbody', '', rows));
}

function words(event) {
  switch (event.event) {
    case 'start':
      return `${text(event.method)} ${text(event.url)}`;
    case 'queued':
      return `${count(event.ahead ?? 0, 'call')} before it`;
    case 'dispatched':
      return `${event.inFlight} in flight with it, ${event.queued} queued`;
    case 'connection':
      return connection(event);
    case 'request':
      return `${text(event.method)} ${text(event.url)}`;
    case 'head':
      return `status ${event.statusCode}`;
    case 'retry':
      return `sent again: ${text(event.reason)}`;
    case 'redirect':
      return `status ${event.statusCode}, to ${text(event.url)}`;
    case 'end':
      return event.outcome === 'success' ? `status ${event.statusCode}` : text(event.detail);
    default:
      return '';
  }
}

function fields(header) {
  const entries = Object.entries(header ?? {});
  return entries.length > 0 && list(entries.map(([name, value]) => [name, String(value)]));
}

/** Names and values. */
function list(entries) {
  return element('dl', '', entries.flatMap(([name, value]) => [
    element('dt', '', name),
    element('dd', value === REDACTED ? 'redacted' : '', value),
  ]));
}

/** A part with a heading, unless it has no content. */
function section(title, ...content) {
  const shown = content.flat().filter(Boolean);
  return shown.length > 0 && element('section', '', element('h3', '', title), shown);
}

function button(words, work) {
  const made = element('button', '', words);
  made.type = 'button';
  made.addEventListener('click', work);
  return made;
}

/** Copies a text, and says so on the button for a moment. */
async function copyText(source, copied) {
  const words = 'Copy as cURL';
  try {
    await navigator.clipboard.writeText(copied);
    source.textContent = 'Copied';
  } catch {
    source.textContent = 'The browser does not allow it';
  }
  setTimeout(() => {
    source.textContent = words;
  }, 1500);
}
