// The calls, as the events of their clients tell them.
import { number, text } from './format.js';

/** How many calls are kept. The oldest go first. */
export const MAX_CALLS = 20_000;
/** How many characters of events are kept with them. */
const MAX_CHARACTERS = 96 << 20;
/** So many go at once, because it moves all others. */
const STEP = 500;
/** The places of a client's gate. */
export const PLACES = 10;

/** One call. Its state is `waiting`, `in flight`, `success`, `fail`, or `lost` with its client. */
class Call {
  state = 'waiting';
  events = [];
  /** The requests that were sent: `{ connection, request, head, redirect }`. */
  hops = [];
  /** The characters of its events. */
  characters = 0;
  /** Whether it is shown, and by which question: see search.js. */
  isChosen = false;
  question = null;
  #connection;
  #words;

  constructor(client, trace, number_) {
    this.client = client;
    this.trace = trace;
    this.number = number_;
  }

  get isOver() {
    return this.state !== 'waiting' && this.state !== 'in flight';
  }

  get hop() {
    return this.hops.at(-1);
  }

  get method() {
    return text(this.start?.method ?? this.hops[0]?.request.method);
  }

  get url() {
    return text(this.start?.url ?? this.hops[0]?.request.url);
  }

  get startedAt() {
    return number(this.end?.profile?.invokeStart) ?? number(this.events[0]?.at);
  }

  get endedAt() {
    return number((this.state === 'lost' ? this.events.at(-1) : this.end)?.at);
  }

  get statusCode() {
    return number(this.end?.statusCode ?? (this.isOver ? undefined : this.hop?.head?.statusCode));
  }

  get errno() {
    return number(this.end?.errno);
  }

  get protocol() {
    return text(this.end?.profile?.protocol ?? this.hop?.connection?.protocol);
  }

  get reused() {
    return this.end?.profile?.socketReused ?? this.hop?.connection?.reused;
  }

  /** The bytes that came. */
  get received() {
    return number(this.end?.profile?.receivedBytedCount);
  }

  take(event, characters) {
    this.events.push(event);
    this.characters += characters;
    this.#change();
    switch (event.event) {
      case 'start':
        this.start = event;
        break;
      case 'dispatched':
        this.state = 'in flight';
        break;
      case 'connection':
        this.#connection = event;
        break;
      case 'request':
        this.hops.push({ connection: this.#connection, request: event });
        break;
      case 'head':
        if (this.hop) this.hop.head = event;
        break;
      case 'redirect':
        if (this.hop) this.hop.redirect = event;
        break;
      case 'end':
        this.end = event;
        this.state = event.outcome === 'success' ? 'success' : 'fail';
        break;
      default:
    }
  }

  /** Its client was killed. */
  lose() {
    this.state = 'lost';
    this.#change();
  }

  #change() {
    this.#words = undefined;
    this.question = null;
  }

  /** All that is searched, in lower case. */
  get words() {
    this.#words ??= [
      this.method, this.url, this.client.name, this.trace, this.protocol, this.state,
      this.statusCode ?? '', this.errno ?? '', text(this.end?.errString), text(this.end?.detail),
      ...this.hops.flatMap(({ request, head }) => [
        text(request.url), JSON.stringify(request.header ?? ''), JSON.stringify(head?.header ?? ''),
      ]),
    ].join('\n').toLowerCase();
    return this.#words;
  }
}

/** A run of a mini program. */
class Client {
  inFlight = 0;
  waiting = 0;
  isGone = false;
  about = {};

  constructor(id) {
    this.id = id;
  }

  get name() {
    return text(this.about.appId) || this.id;
  }
}

export class Calls {
  clients = new Map();
  /** In the order of their starts. */
  list = [];
  /** How many events never came here. */
  missed = 0;
  #byTrace = new Map();
  #characters = 0;
  #last = 0;

  /** Takes what the inspector sends: see `feed.rs`. */
  take(entry, characters) {
    if (entry.cleared) {
      this.clear();
      return;
    }
    const client = this.#client(text(entry.client));
    if (entry.about) {
      client.about = entry.about;
      client.isGone = false;
    } else if (entry.gone) {
      client.isGone = true;
      this.#lose(client);
    } else if (entry.event) {
      this.#event(client, entry.event, characters);
    }
  }

  /** Whether a call runs. */
  get isBusy() {
    return [...this.clients.values()].some(({ inFlight, waiting }) => inFlight + waiting > 0);
  }

  /** Forgets everything, because all of it comes again. */
  reset() {
    this.clients.clear();
    this.list = [];
    this.#byTrace.clear();
    this.#characters = 0;
    this.missed = 0;
  }

  clear() {
    // Calls that run stay: their ends will come.
    this.list = this.list.filter((call) => !call.isOver);
    this.#byTrace = new Map(this.list.map((call) => [this.#key(call.client, call.trace), call]));
    this.#characters = this.list.reduce((sum, call) => sum + call.characters, 0);
    this.missed = 0;
    const used = new Set(this.list.map((call) => call.client));
    for (const client of this.clients.values()) {
      if (!used.has(client) && client.isGone) this.clients.delete(client.id);
    }
  }

  #client(id) {
    let client = this.clients.get(id);
    if (!client) this.clients.set(id, (client = new Client(id)));
    return client;
  }

  #key(client, trace) {
    return `${client.id} ${trace}`;
  }

  #event(client, event, characters) {
    this.missed += number(event.dropped) ?? 0;
    const trace = text(event.call);
    if (!trace) return;
    const key = this.#key(client, trace);
    let call = this.#byTrace.get(key);
    if (!call) {
      call = new Call(client, trace, ++this.#last);
      this.list.push(call);
      this.#byTrace.set(key, call);
      client.waiting += 1;
    }
    const before = call.state;
    call.take(event, characters);
    this.#characters += characters;
    this.#count(client, before, -1);
    this.#count(client, call.state, 1);
    if (this.list.length > MAX_CALLS || this.#characters > MAX_CHARACTERS) this.#forget();
  }

  #count(client, state, change) {
    if (state === 'waiting') client.waiting += change;
    else if (state === 'in flight') client.inFlight += change;
  }

  /** The calls of a client that was killed have no end. */
  #lose(client) {
    for (const call of this.list) {
      if (call.client === client && !call.isOver) {
        this.#count(client, call.state, -1);
        call.lose();
      }
    }
  }

  #forget() {
    for (const call of this.list.splice(0, STEP)) {
      if (!call.isOver) this.#count(call.client, call.state, -1);
      this.#byTrace.delete(this.#key(call.client, call.trace));
      this.#characters -= call.characters;
    }
  }
}
