/**
 * What a page of a mini program gets: `tt.request`. The name `tt` is the host app's choice.
 *
 * ```js
 * const task = tt.request({
 *   url: 'https://example.com',
 *   success(res) { console.log(res.statusCode, res.data); },
 *   fail(res) { console.log(res.errno, res.errMsg); },
 * });
 * ```
 */

export interface RequestOptions {
  /** An absolute http or https URL. */
  url: string;
  /** Default: `{'content-type': 'application/json'}`. */
  header?: Record<string, string | number | boolean | null> | null;
  /** GET (the default), POST, PUT, HEAD or DELETE, in any case, and what the host app allows. */
  method?: string | null;
  /** Text, an object, or bytes. A typed array or a DataView stands for the bytes that it shows. */
  data?: string | object | ArrayBuffer | ArrayBufferView | null;
  /** `json` (the default): a text that is JSON is parsed. Any other value: it stays text. */
  dataType?: string | null;
  /** Whether `data` of the result is text (the default) or an ArrayBuffer. */
  responseType?: 'text' | 'arraybuffer' | '' | null;
  /** Milliseconds, 1 to 60000. Any other value: the client's default. */
  timeout?: number | null;
  /** `follow` (the default), `manual` (the redirect is the result) or `error` (errno 305). */
  redirect?: 'follow' | 'manual' | 'error' | '' | null;
  /** If true, the result has the `profile` of the call. Default: the host app's choice. */
  enableProfile?: boolean | '' | null;
  /** With true, the body comes in chunks to `onChunkReceived`; `data` of the result is empty. */
  enableChunked?: boolean | null;
  /** Gets what the server answered, whatever its status. */
  success?: (res: RequestSuccess) => void;
  /** Gets the reason if there is no answer. */
  fail?: (res: RequestFail) => void;
  /** Gets the same object afterwards. */
  complete?: (res: RequestSuccess | RequestFail) => void;
}

/**
 * When the phases of a call began and ended, and what went over the wire. A phase that did not
 * happen, or belongs to another call's connection, is absent; a phase without its end is the one
 * that the call failed in.
 *
 * Times are milliseconds since 1970, with up to three decimals. They never run backwards. From
 * `domainLookUpStart` to `socketReused` all is about the last request that was sent: the last
 * redirect's, or the one that was sent again.
 */
export interface Profile {
  /** The call was started. */
  invokeStart: number;
  /** It came into the queue. */
  queueStart: number;
  /** It got its place: at the same moment, if one was free. */
  queueEnd: number;
  /** The last request was begun: a connection was looked for. */
  fetchStart?: number;
  /** The first request was begun, if a redirect was followed. */
  redirectStart?: number;
  /** The last redirect's request was begun. */
  redirectEnd?: number;
  /** The name service, or the host app's resolver, was asked for the host. */
  domainLookUpStart?: number;
  /** It had answered. */
  domainLookUpEnd?: number;
  /** A TCP connection was begun. */
  connectStart?: number;
  /** The connection was ready, with its TLS and a proxy's tunnel. */
  connectEnd?: number;
  /** The TLS handshake was begun; of two, through a proxy with TLS, the server's. */
  SSLconnectionStart?: number;
  /** It had succeeded. */
  SSLconnectionEnd?: number;
  /** The connection took the first byte of the request. */
  requestStart?: number;
  /** It had taken the last one. */
  requestEnd?: number;
  /** The head of the response was there. */
  responseStart?: number;
  /** The last byte of its body was there. */
  responseEnd?: number;
  /** The address that the connection leads to: the server's, or the proxy's. */
  peerIP?: string;
  /** The port of that address. */
  port?: number;
  /** `http1.1` or `h2`. */
  protocol?: string;
  /** Whether the connection was opened for an earlier call, or for another that shares it. */
  socketReused?: boolean;
  /** The bytes of heads and bodies that were sent, after TLS, redirects and repeats included. */
  sendBytesCount?: number;
  /** The bytes that came, counted the same. Its name is the platform's. */
  receivedBytedCount?: number;
  /** The bytes of the body after content decoding, if it was read to its end. */
  decodedBytes?: number;
  /** How many redirects were followed. */
  redirectCount: number;
  /** How many requests were sent again, because a server or a connection had lost them. */
  retryCount: number;
}

/** An answer of the server. */
export interface RequestSuccess {
  statusCode: number;
  /** Names are lower-case. Fields with the same name are joined with `, `. */
  header: Record<string, string>;
  data: object | string | number | boolean | null;
  /** One string for each Set-Cookie line; none if the client's cookie policy hides them. */
  cookies: string[];
  /** The id of the call, for support and logs. */
  trace: string;
  errMsg: 'request:ok';
  /** The phases of the call, if it or its client asks for them. */
  profile?: Profile;
}

/** Why there is no answer. */
export interface RequestFail {
  /** `request:fail ` and the reason. */
  errMsg: string;
  errno: number;
  errString: string;
  /** The id of the call, for support and logs. */
  trace: string;
  /** The phases of the call that happened, if it had a place in flight and asks for them. */
  profile?: Profile;
}

/** The head of a response, as the result has it. */
export interface ResponseHeaders {
  statusCode: number;
  header: Record<string, string>;
  cookies: string[];
}

/** A piece of a body, never empty. */
export interface ResponseChunk {
  data: ArrayBuffer;
}

export interface RequestTask {
  /**
   * Ends the call with errno 301 unless it has its outcome already. `fail` comes later, never from
   * within. Calling it again has no effect.
   */
  abort(): void;

  /**
   * Adds a listener that gets the head of the last response, once, as soon as it is there and
   * before `success`. What is no function is ignored. After `abort` and the outcome none is called.
   */
  onHeadersReceived(listener: (res: ResponseHeaders) => void): void;

  /** Removes that listener; without an argument, all of the head. */
  offHeadersReceived(listener?: (res: ResponseHeaders) => void): void;

  /**
   * Adds a listener that gets the pieces of the body, decoded and in order, before `success`, with
   * `enableChunked`. A page that is busy slows the server down.
   */
  onChunkReceived(listener: (res: ResponseChunk) => void): void;

  /** Removes that listener; without an argument, all of chunks. */
  offChunkReceived(listener?: (res: ResponseChunk) => void): void;
}

/**
 * Starts a call. It never throws. Callbacks are read now and called later: exactly one of `success`
 * and `fail`, then `complete` with the same object. What a callback throws is an uncaught error of
 * the page and does not stop `complete`.
 *
 * If the page goes away, its calls are aborted and no callback comes. If it comes back from the
 * browser's cache of pages, they fail with errno 301.
 */
export function request(options: RequestOptions): RequestTask;
