/**
 * The options that a mini program passes to `request`. Nothing in them is trusted: if a value is
 * wrong, the call fails with errno 104.
 */
export interface RequestOptions {
  /** An absolute http or https URL. */
  url: string;
  /** Default: `{'content-type': 'application/json'}`. A header with the value null is not sent. */
  header?: Record<string, string | number | boolean | null> | null;
  /**
   * GET (the default), POST, PUT, HEAD or DELETE, in any case, and methods that the host app
   * allows by `extraMethods`.
   */
  method?: string | null;
  /**
   * The data to send: text, an object, or bytes. A typed array or a DataView is sent as the bytes
   * that it shows. An object goes through `JSON.stringify`.
   */
  data?: string | object | ArrayBuffer | ArrayBufferView | null;
  /** With `json` (the default), a text that is JSON is parsed. With any other text it is not. */
  dataType?: string | null;
  /** Selects whether `data` of the result is text (the default) or an ArrayBuffer. */
  responseType?: 'text' | 'arraybuffer' | '' | null;
  /** The timeout in milliseconds, 1 to 60000. Any other number means the client's `timeoutMs`. */
  timeout?: number | null;
  /**
   * How the engine treats a 301, 302, 303, 307 or 308 with a Location. `follow` (the default): it
   * follows it, up to `maxRedirects` times, and the result is the last response. `manual`: the
   * redirect is the result. `error`: the call fails with errno 305, `redirect refused`.
   */
  redirect?: 'follow' | 'manual' | 'error' | '' | null;
  /** If true, the result has the `profile` of the call. Default: `profile` of the client. */
  enableProfile?: boolean | '' | null;
  /**
   * With true, the body comes in chunks to `onChunkReceived` while the call runs, and `data` of the
   * result is empty.
   */
  enableChunked?: boolean | null;
  /** Gets the response, whatever its status is. */
  success?: (res: RequestSuccess) => void;
  /** Gets the reason if there is no response. */
  fail?: (res: RequestFail) => void;
  /** Gets the same object, after `success` or `fail`. */
  complete?: (res: RequestSuccess | RequestFail) => void;
}

/** The options of `send`: the options of `request`, with a signal instead of the callbacks. */
export interface SendOptions extends Omit<RequestOptions, 'success' | 'fail' | 'complete'> {
  /** Aborts the call. */
  signal?: AbortSignal | null;
  success?: null;
  fail?: null;
  complete?: null;
}

/** JSON, text, or an ArrayBuffer. */
export type ResponseData = object | string | number | boolean | null;

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

/** A response of the server. */
export interface RequestSuccess {
  statusCode: number;
  /** Names are in lower case. The values of a repeated name are joined with `, `. */
  header: Record<string, string>;
  data: ResponseData;
  /** One string for each Set-Cookie line; empty if `cookiePolicy` hides them. */
  cookies: string[];
  /** The id of the call, for support and logs. */
  trace: string;
  errMsg: 'request:ok';
  /** The phases of the call, if it or its client asks for them. */
  profile?: Profile;
  /** Absent in a success. */
  errno?: undefined;
}

/** The reason why there is no response. */
export interface RequestFail {
  /** `request:fail ` and one of `DETAILS`. */
  errMsg: string;
  /** The group of the error, a key of `ERRNO`. */
  errno: number;
  /** The words of `errno` in `ERRNO`. */
  errString: string;
  /** The id of the call, for support and logs. */
  trace: string;
  /** The phases of the call that happened, if it had a place in flight and asks for them. */
  profile?: Profile;
}

/** The head of a response. */
export interface ResponseHeaders {
  statusCode: number;
  /** As in the result. */
  header: Record<string, string>;
  /** As in the result. */
  cookies: string[];
}

/** A piece of a body. */
export interface ResponseChunk {
  /** Never empty. */
  data: ArrayBuffer;
}

/** A call that was started. */
export interface RequestTask {
  /**
   * Ends the call with errno 301, unless it has its outcome already. `fail` is called later, never
   * from within. When `abort` returns, a queued call has left the queue and sends nothing, and a
   * call in flight has given up its place. It can be called any number of times.
   */
  abort(): void;

  /**
   * Adds a listener that gets the head of the last response, once, as soon as it is there and
   * before `success`. A value that is not a function is ignored. What a listener throws harms
   * nothing. After `abort`, and after the outcome, no listener is called.
   */
  onHeadersReceived(listener: (res: ResponseHeaders) => void): void;

  /** Removes that listener; without an argument, all listeners of the head. */
  offHeadersReceived(listener?: (res: ResponseHeaders) => void): void;

  /**
   * Adds a listener that gets the pieces of the body, decoded and in order, before `success`, if
   * the options have `enableChunked`. A thread that is busy slows the server down.
   */
  onChunkReceived(listener: (res: ResponseChunk) => void): void;

  /** Removes that listener; without an argument, all listeners of chunks. */
  offChunkReceived(listener?: (res: ResponseChunk) => void): void;
}
