// The task of a call, and its listeners. Its twin is harmony/src/main/ets/task.ets.
import * as native from './native.js';
import { call } from './values.js';

/** What a call reports to its task. */
export class Events {
  headers = new Listeners();
  chunks = new Listeners();
  #task;
  #hasHead = false;

  /** The task for the mini program. */
  begin(task) {
    this.#task = task;
    return new RequestTask(task, this);
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
    for (const listener of [...(this.#all ?? [])]) {
      if (!this.#isClosed && this.#all.has(listener)) call(listener, event);
    }
  }

  close() {
    this.#isClosed = true;
  }
}
