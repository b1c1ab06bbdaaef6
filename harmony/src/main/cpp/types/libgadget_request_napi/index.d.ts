/**
 * The native side of gadget-request: the smallest that the two faces (GadgetClient.ets,
 * node/client.js) need. All of it belongs to the thread that loaded it; other threads load their
 * own.
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
 * A new client.
 *
 * @throws Error for a wrong configuration; its message names the field.
 */
export const createClient: (configJson: string) => NativeClient;

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

/** Ends what is running, and every later request, with errno 301. */
export const shutdown: (client: NativeClient) => void;

/** How many clients, tasks, calls and results this process has not freed yet: to look for leaks. */
export const liveObjects: () => number;
