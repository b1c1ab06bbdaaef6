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
