// The task of a call, and its listeners. Its twin is harmony/src/main/ets/task.ets.
import * as native from './native.js';
import { resultOf } from './result.js';
import { call } from './values.js';

/** The calls that have not settled, by their tasks. */
const pending = new Map();

const face = native.listen(
  (task, resultJson, data, trace) => {
    const events = pending.get(task);
    pending.delete(task);
    events.end(resultOf(resultJson, data, trace));
  },
  (task, headJson, chunk) => pending.get(task).hear(headJson, chunk),
);

/** What a call reports to its task. */
export class Events {
  headers = new Listeners();
  chunks = new Listeners();
  /** It must not be collected while the call is pending. */
  #client;
  #settle;
  #task;
  #hasHead = false;

  constructor(client, settle) {
    this.#client = client;
    this.#settle = settle;
  }

  /** Starts the call. Returns the task for the mini program. */
  begin(text, bytes) {
    this.#task = native.start(this.#client, text, bytes, face);
    pending.set(this.#task, this);
    return new RequestTask(this.#task, this);
  }

  hear(headJson, chunk) {
    if (headJson !== undefined) this.#hearHead(JSON.parse(headJson));
    if (chunk !== undefined) {
      this.chunks.tell({ data: chunk });
      native.resume(this.#task);
    }
  }

  /** The call has its result. A head that was wanted too late for the engine comes now. */
  end(result) {
    if (!this.#hasHead && result.errno === undefined) {
      const { statusCode, header, cookies } = result;
      this.#hearHead({ statusCode, header, cookies });
    }
    this.close();
    this.#settle(result);
  }

  /** No listener is called any more. */
  close() {
    this.headers.close();
    this.chunks.close();
  }

  onHeaders(listener) {
    // The head waits until somebody wants it.
    if (this.headers.add(listener) && !this.#hasHead) native.resume(this.#task);
  }

  #hearHead(head) {
    this.#hasHead = true;
    this.headers.tell(head);
  }
}

class RequestTask {
  #task;
  #events;

  constructor(task, events) {
    this.#task = task;
    this.#events = events;
  }

  abort() {
    this.#events.close();
    native.abort(this.#task);
  }

  onHeadersReceived(listener) {
    this.#events.onHeaders(listener);
  }

  offHeadersReceived(listener) {
    this.#events.headers.remove(listener);
  }

  onChunkReceived(listener) {
    this.#events.chunks.add(listener);
  }

  offChunkReceived(listener) {
    this.#events.chunks.remove(listener);
  }
}

/** The listeners of one kind of event. */
class Listeners {
  #all;
  #isClosed = false;

  /** Returns false for a value that is not a function. */
  add(listener) {
    if (typeof listener !== 'function') return false;
    this.#all ??= new Set();
    this.#all.add(listener);
    return true;
  }

  remove(listener) {
    if (listener === undefined) this.#all?.clear();
    else this.#all?.delete(listener);
  }

  tell(event) {
    if (this.#all === undefined) return;
    for (const listener of [...this.#all]) {
      if (!this.#isClosed && this.#all.has(listener)) call(listener, event);
    }
  }

  close() {
    this.#isClosed = true;
  }
}
