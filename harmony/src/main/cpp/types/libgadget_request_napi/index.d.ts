/**
 * The native side of gadget-request, with no more than its two faces need
 * (harmony/src/main/ets/GadgetClient.ets, bindings/node/src/client.js).
 *
 * All objects belong to the thread that loaded this module; other threads load their own. If an
 * argument is not an object of the required class, a function throws a TypeError.
 */

/** One running mini program. It is freed after it is collected and all its calls have settled. */
export interface NativeClient {
  readonly nativeClient: void;
}

/** A call of this thread, as a number. It is not used again when the call has settled. */
export type NativeTask = number;

/**
 * A question to a resolver or a proxy selector. If it is collected before its answer, it has none.
 */
export interface NativeQuestion {
  readonly nativeQuestion: void;
}

/** A listener to a client's cookies. The client holds it until it is closed. */
export interface NativeListener {
  readonly nativeListener: void;
}

/**
 * Gets the outcome of a call: once, later, on this thread. It must not throw.
 *
 * @param resultJson the result object as JSON; undefined if it is too large for this JavaScript
 * engine.
 * @param data the ArrayBuffer, if `responseType` was `arraybuffer`.
 * @param trace the id of the call; undefined if the result is small and `resultJson` has it.
 */
export type Settle = (task: NativeTask, resultJson: string | undefined,
  data: ArrayBuffer | undefined, trace: string | undefined) => void;

/**
 * Gets the bytes that a storage must keep, or undefined if the loaded bytes are damaged. It is
 * called on this thread, half a second after a change, or from within `saveCookies` and `shutdown`.
 * It must not throw.
 */
export type Keep = (bytes: ArrayBuffer | undefined) => void;

/** A storage of the host app for a client's cookies. */
export interface NativeStorage {
  /** The bytes that were kept last, copied; undefined if there are none, null if loading failed. */
  loaded: Uint8Array | undefined | null;
  /** Held by this thread until `shutdown`, afterwards by the client only. */
  keep: Keep;
}

/** A resolver or a proxy selector of the host app. Only the client holds it. */
export interface NativeResolver {
  /**
   * Gets the name of a host, in lower case and ASCII, or an origin, later and on this thread. It
   * must call `answer` with the question, now or later. It must not throw.
   */
  ask: (asked: string, question: NativeQuestion) => void;
  /** How long a thread of the engine waits for an answer, in milliseconds. */
  waitMs: number;
}

/**
 * Creates a client with services of the host app.
 *
 * @throws Error if the configuration is wrong; the message names the field.
 */
export const createClient: (configJson: string, storage: NativeStorage | undefined,
  resolver: NativeResolver | undefined) => NativeClient;

/**
 * Answers a question with addresses as text, or with the URL of a proxy. With no addresses, the
 * engine asks the system, and without a URL, the request needs no proxy; with undefined, the name
 * is not resolved, or the proxy has failed. Only the first answer counts. After `waitMs` or
 * `shutdown` an answer has no effect.
 */
export const answer: (question: NativeQuestion, addresses: string[] | undefined) => void;

/**
 * Calls `happened` with what happens to the calls of a client, as JSON, later and on this thread,
 * until the client is collected. `happened` must not throw.
 *
 * @throws TypeError if `happened` is not a function.
 * @throws Error if the client has an observer already.
 */
export const setObserver: (client: NativeClient, happened: (json: string) => void) => void;

/** Returns the calls that ended last as HAR 1.2 (JSON), as many as `har_exchanges` says. */
export const har: (client: NativeClient) => string;

/**
 * Gets the events of a call: later, on this thread, before `Settle`. It must not throw.
 *
 * @param headJson the head of the response as JSON: once, and only after a `resume` if the options
 * have no `enableChunked`.
 * @param chunk a piece of the body. The next one waits for a `resume`.
 */
export type Report = (task: NativeTask, headJson: string | undefined,
  chunk: ArrayBuffer | undefined) => void;

/** A pair of functions that gets what calls report, as a number. */
export type NativeFace = number;

/** Adds functions that get what calls report. They are never removed. */
export const listen: (settle: Settle, report: Report) => NativeFace;

/**
 * Starts a call. Whoever starts it keeps the client alive until it has settled. In Node a pending
 * call keeps the process alive.
 *
 * @param optionsJson the options object as JSON. Any other text leads to a 104.
 * @param body the bytes of `data`; copied.
 */
export const start: (client: NativeClient, optionsJson: string,
  body: Uint8Array | undefined, face: NativeFace) => NativeTask;

/** Lets the head or the next chunk of a call come. It can be called at any time. */
export const resume: (task: NativeTask) => void;

/**
 * Ends a call, unless it has its outcome; `settle` is called later. When this returns, the call has
 * given up its place, or has left the queue. It can be called any number of times.
 */
export const abort: (task: NativeTask) => void;

/**
 * Reports whether the device has a network. Without one, queued and new calls fail with errno 303.
 *
 * @throws TypeError if `online` is not a boolean.
 */
export const setOnline: (client: NativeClient, online: boolean) => void;

/**
 * Reports that the device has another network: idle connections are closed, and new calls open new
 * ones.
 */
export const networkChanged: (client: NativeClient) => void;

/**
 * Takes another proxy, and the hosts that are reached without it: a JSON document of the settings
 * `proxy` and `proxy_bypass`.
 *
 * @throws Error if one is wrong; the message names it.
 */
export const setProxy: (client: NativeClient, json: string) => void;

/**
 * Takes a proxy selector, and the hosts that it is not asked for: a JSON document of the setting
 * `proxy_bypass`; undefined means the client's own.
 *
 * @throws Error if it is wrong; the message names it.
 */
export const setProxySelector: (client: NativeClient, selector: NativeResolver,
  json: string | undefined) => void;

/**
 * Reports that the host app is in the background. If `background_grace_ms` is set, pending and new
 * calls fail with errno 112 after that time. Calling it twice is the same as calling it once.
 */
export const enterBackground: (client: NativeClient) => void;

/** Reports that the host app is in the foreground again. */
export const enterForeground: (client: NativeClient) => void;

/** Returns the number of calls in flight. */
export const inFlight: (client: NativeClient) => number;

/** Returns the number of calls in the queue. */
export const queued: (client: NativeClient) => number;

/**
 * Returns the cookies that a request to a URL sends, or without a URL all cookies, as a JSON array.
 *
 * @throws TypeError if `url` is neither a string nor undefined.
 */
export const cookies: (client: NativeClient, url: string | undefined) => string;

/**
 * Sets the cookies of a JSON array as `cookies` returns it.
 *
 * @throws TypeError if `json` is not a string.
 * @throws Error if it is not such an array, or if a cookie is not valid; then none is set. The
 * message names the member.
 */
export const setCookies: (client: NativeClient, json: string) => void;

/**
 * Handles a Set-Cookie line as if a response from a URL had it. Returns true if a cookie changed.
 *
 * @throws TypeError if `url` or `line` is not a string.
 */
export const setCookieLine: (client: NativeClient, url: string, line: string) => boolean;

/**
 * Deletes a cookie. Returns true if it was in the jar.
 *
 * @throws TypeError if `name`, `domain` or `path` is not a string.
 */
export const deleteCookie: (client: NativeClient, name: string, domain: string,
  path: string) => boolean;

/**
 * Deletes the cookies of a domain and of all hosts below it, or without a domain all cookies.
 *
 * @throws TypeError if `domain` is neither a string nor undefined.
 */
export const clearCookies: (client: NativeClient, domain: string | undefined) => void;

/**
 * Saves changed cookies before it returns.
 *
 * @throws Error if they cannot be saved.
 */
export const saveCookies: (client: NativeClient) => void;

/**
 * Calls `changed` with each change of a client's cookies as JSON, `{"set":{…}}` or
 * `{"removed":{…}}`, later and on this thread, until the listener is closed or the client is
 * collected. `changed` must not throw.
 *
 * @throws TypeError if `changed` is not a function.
 */
export const onCookieChange: (client: NativeClient,
  changed: (json: string) => void) => NativeListener;

/** Ends a listener: it is not called any more. It can be called any number of times. */
export const closeListener: (client: NativeClient, listener: NativeListener) => void;

/**
 * Ends a client: pending calls and all later calls fail with errno 301. Changed cookies are saved
 * in a storage before this returns, and in a folder soon afterwards. No thread waits for an answer
 * of the resolver any more.
 */
export const shutdown: (client: NativeClient) => void;

/**
 * Returns how many clients, tasks, calls, results, listeners, storages, resolvers, questions,
 * bridges and replies are not freed yet in this process. It is for tests that look for leaks.
 */
export const liveObjects: () => number;

/** A bridge from the pages of a WebView to a client, which it holds. It is freed when collected. */
export interface NativeBridge {
  readonly nativeBridge: void;
}

/**
 * Creates a bridge from a JSON document of its settings.
 *
 * @throws Error if a setting is not valid; the message names it.
 */
export const createBridge: (client: NativeClient, json: string) => NativeBridge;

/** Returns the script that runs at the start of each document. */
export const bridgeScript: (bridge: NativeBridge) => string;

/**
 * Takes a message of a page; its bytes are copied. `replied` gets the reply once, later and on
 * this thread: undefined if there is nothing to pass on, or if the reply is too large for this
 * JavaScript engine. A pending reply keeps the client alive, and in Node the process. `replied`
 * must not throw.
 *
 * @throws TypeError if `origin` is not a string or `isMainFrame` not a boolean.
 */
export const bridgeReceive: (bridge: NativeBridge, message: string | Uint8Array, origin: string,
  isMainFrame: boolean, replied: (reply: string | ArrayBuffer | undefined) => void) => void;

/** Ends a bridge: the calls of its pages are aborted, and all replies from now on are undefined. */
export const bridgeClose: (bridge: NativeBridge) => void;
