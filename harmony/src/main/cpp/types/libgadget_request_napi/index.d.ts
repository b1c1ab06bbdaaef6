/**
 * The native side of gadget-request: the smallest that the two faces (GadgetClient.ets,
 * node/client.js) need. All of it belongs to the thread that loaded it; other threads load their
 * own. An object that is not of the class that a function takes is a TypeError.
 */

/**
 * One running mini program. Freed when it is collected, and not before its requests are settled.
 */
export interface NativeClient {
  readonly nativeClient: void;
}

/** A request under way. Freed when it is collected; the request runs on. */
export interface NativeTask {
  readonly nativeTask: void;
}

/** A question to a resolver. Where it is collected before it was answered, it has no answer. */
export interface NativeQuestion {
  readonly nativeQuestion: void;
}

/** A listener to a client's cookies, which holds it until it is closed. */
export interface NativeListener {
  readonly nativeListener: void;
}

/**
 * Gets the outcome of a request: once, later, on this thread. It must not throw.
 *
 * @param resultJson the result object as JSON; undefined where this JavaScript engine cannot hold
 * it.
 * @param data the ArrayBuffer, where `responseType` was `arraybuffer`.
 * @param trace the id of the call.
 */
export type Settle = (resultJson: string | undefined, data: ArrayBuffer | undefined,
  trace: string) => void;

/**
 * Gets what a client's storage is to keep, or undefined where what it has is damaged: on this
 * thread, half a second after a change, or within `saveCookies` and `shutdown`. It must not throw.
 */
export type Keep = (bytes: ArrayBuffer | undefined) => void;

/** A place of the host's for a client's cookies. */
export interface NativeStorage {
  /** What was kept last, copied; undefined where nothing was, null where that cannot be had. */
  loaded: Uint8Array | undefined | null;
  /** Until `shutdown` this thread holds it, afterwards the client alone. */
  keep: Keep;
}

/** A resolver of the host's. The client alone holds it. */
export interface NativeResolver {
  /**
   * Gets the name of a host, in lower case and ASCII, on this thread and later; `answer` is to be
   * called with the question, now or later. It must not throw.
   */
  ask: (host: string, question: NativeQuestion) => void;
  /** How long a thread of the engine waits for an answer, in milliseconds. */
  waitMs: number;
}

/**
 * A new client, with what the host does for it.
 *
 * @throws Error for a wrong configuration; its message names the field.
 */
export const createClient: (configJson: string, storage: NativeStorage | undefined,
  resolver: NativeResolver | undefined) => NativeClient;

/**
 * Answers a question: with addresses as text, none of them where the system is to be asked, or
 * undefined where the name cannot be resolved. Only the first answer counts, and none after
 * `waitMs` or `shutdown`.
 */
export const answer: (question: NativeQuestion, addresses: string[] | undefined) => void;

/**
 * Starts a request. While it is pending, it keeps the client, and in Node the process, alive.
 *
 * @param optionsJson the options object as JSON; anything else ends in a 104.
 * @param body the bytes of `data`; copied.
 */
export const start: (client: NativeClient, optionsJson: string, body: Uint8Array | undefined,
  settle: Settle) => NativeTask;

/**
 * Ends a request, unless it has its outcome: `settle` comes later. Its place, or that in the queue,
 * is free when this returns. Any number of times.
 */
export const abort: (task: NativeTask) => void;

/**
 * Tells whether the device has a network: without one, queued and new requests fail with errno 303.
 *
 * @throws TypeError where `online` is no boolean.
 */
export const setOnline: (client: NativeClient, online: boolean) => void;

/**
 * Tells that the app went to the background: after `background_grace_ms`, where that is set,
 * pending and new requests fail with errno 112. Telling it twice is telling it once.
 */
export const enterBackground: (client: NativeClient) => void;

/** Tells that the app is in the foreground again. */
export const enterForeground: (client: NativeClient) => void;

/** How many requests have one of the ten places. */
export const inFlight: (client: NativeClient) => number;

/** How many requests wait for a place. */
export const queued: (client: NativeClient) => number;

/**
 * The cookies that a request to a URL takes along, or without one all cookies, as a JSON array.
 *
 * @throws TypeError where `url` is neither a string nor undefined.
 */
export const cookies: (client: NativeClient, url: string | undefined) => string;

/**
 * Sets the cookies of a JSON array such as `cookies` gives.
 *
 * @throws TypeError where `json` is no string.
 * @throws Error where it is no such array, or a cookie cannot be, and then none is set; its message
 * names the member.
 */
export const setCookies: (client: NativeClient, json: string) => void;

/**
 * Takes a Set-Cookie line as if a response from a URL had set it; whether that changed anything.
 *
 * @throws TypeError where one of the two is no string.
 */
export const setCookieLine: (client: NativeClient, url: string, line: string) => boolean;

/**
 * Deletes a cookie; whether there was one.
 *
 * @throws TypeError where one of the three is no string.
 */
export const deleteCookie: (client: NativeClient, name: string, domain: string,
  path: string) => boolean;

/**
 * Removes the cookies of a domain and of all that is below it, or without one all cookies.
 *
 * @throws TypeError where `domain` is neither a string nor undefined.
 */
export const clearCookies: (client: NativeClient, domain: string | undefined) => void;

/**
 * Saves cookies that have changed, before it returns.
 *
 * @throws Error where they cannot be.
 */
export const saveCookies: (client: NativeClient) => void;

/**
 * Tells `changed` each change of a client's cookies as JSON, `{"set":{…}}` or `{"removed":{…}}`,
 * later and on this thread, until the listener is closed or the client collected. It must not
 * throw.
 *
 * @throws TypeError where `changed` is no function.
 */
export const onCookieChange: (client: NativeClient,
  changed: (json: string) => void) => NativeListener;

/** Ends a listener: nothing is told any more. Any number of times. */
export const closeListener: (client: NativeClient, listener: NativeListener) => void;

/**
 * Ends what is running, and every later request, with errno 301. Cookies that have changed are
 * saved: in a storage before this returns, in a folder soon. No answer of a resolver is waited for
 * any more.
 */
export const shutdown: (client: NativeClient) => void;

/**
 * How many clients, tasks, calls, results, listeners, storages, resolvers and questions this
 * process has not freed yet: to look for leaks.
 */
export const liveObjects: () => number;
