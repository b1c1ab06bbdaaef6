/** A cookie of the jar, with the members that the cookie store of a WebView has. */
export interface Cookie {
  /** Empty for a cookie without a name. */
  name: string;
  /** A value that is not UTF-8 is read as ISO-8859-1. */
  value: string;
  /** A host, for that host only; or a domain after a dot, for it and all hosts below it. */
  domain: string;
  /** The cookie is sent to this path and all paths below it. Default: `/`. */
  path?: string;
  /**
   * When the cookie expires, in milliseconds since 1970, as `Date.now()` counts them. The jar keeps
   * no cookie for more than 400 days. Default: the cookie ends with the jar and is never saved.
   */
  expires?: number;
  /** If true, the cookie is sent over https and to loopback only. Default: false. */
  secure?: boolean;
  /**
   * If true, scripts must not see the cookie: a host app that copies cookies into a page leaves it
   * out. Default: false.
   */
  httpOnly?: boolean;
  /**
   * Limits requests from other sites. The requests of a mini program are not from other sites.
   * Default: absent.
   */
  sameSite?: 'strict' | 'lax' | 'none';
}

/** A change of a jar: by a response, by the host app, or because the jar was full. */
export interface CookieChange {
  /**
   * `set`: the cookie is new, or has another value or other attributes. `removed`: it is no longer
   * in the jar.
   */
  type: 'set' | 'removed';
  cookie: Cookie;
}

/** A listener that {@link CookieJar.onChange} added. */
export interface CookieListener {
  /** Ends the listener: it is not called any more. It can be called any number of times. */
  close(): void;
}

/**
 * The cookies of a client (RFC 6265bis), for the host app. It has all of them, even cookies that
 * the mini program does not see. Clients with the same `cookieDir` and `appId` share one jar.
 *
 * No method waits for the network. If an argument has a wrong type, a method throws a TypeError
 * that names the argument.
 */
export interface CookieJar {
  /**
   * Returns all cookies that have not expired, the oldest first. With a URL, returns the cookies
   * that a request to it sends, in the order in which it sends them; none if it is not a valid URL.
   */
  list(url?: string): Cookie[];

  /**
   * Sets cookies. Each replaces the cookie with the same name, domain and path. A cookie that has
   * expired deletes that cookie.
   *
   * @throws Error if a cookie is not valid; then none is set. The message names the member. If
   *   there are several cookies, it begins with the index (`[1].domain: …`). It holds nothing else
   *   of the cookie.
   */
  set(cookies: Cookie | Cookie[]): void;

  /**
   * Deletes the cookie with this name, domain and path, as {@link list} shows them. The domain can
   * also be in capitals or in its own script. Returns true if there was such a cookie.
   */
  delete(name: string, domain: string, path: string): boolean;

  /** Deletes the cookies of a domain and of all hosts below it; without a domain, all cookies. */
  clear(domain?: string): void;

  /**
   * Handles a Set-Cookie line as if a response from this URL had it. Use it for lines that the
   * cookie store of a WebView takes. A cookie that such a response must not set is ignored. Returns
   * true if a cookie changed.
   */
  setLine(url: string, line: string): boolean;

  /** Returns all cookies as JSON: the array of `list()`. */
  exportJson(): string;

  /**
   * Sets the cookies of a JSON array from {@link exportJson}.
   *
   * @throws Error as {@link set} does, and if the text is not such an array.
   */
  importJson(json: string): void;

  /**
   * Saves all changes before it returns, in `cookieDir` or by {@link CookieStorage.save}. Without
   * it, the engine saves half a second after a change, and soon after `shutdown()`.
   *
   * @throws Error if the cookies cannot be saved: the folder is not writable, or
   *   {@link CookieStorage.load} threw. The changes remain to be saved.
   */
  save(): void;

  /**
   * Adds a listener, which gets every change, in order. It is called later and on this thread,
   * never from within the call that makes the change. At that time `list()` can have newer changes.
   *
   * If the listener throws, the error becomes an uncaught exception of the process, and nothing
   * stops.
   *
   * The listener ends when it is closed or when the client is collected. It keeps neither the
   * client nor the process alive.
   */
  onChange(listener: (change: CookieChange) => void): CookieListener;
}

/**
 * A place of the host app for the cookies of one client, instead of `cookieDir`: encrypted
 * preferences, or `safeStorage` of Electron. The content is usually a few KiB, and 64 MiB at most.
 * The engine notices if it is damaged. It is not encrypted: whoever reads it can use the logins of
 * the mini program's user.
 *
 * All methods are called on the client's thread.
 */
export interface CookieStorage {
  /**
   * Returns what was saved last, or undefined if nothing was ever saved. It is called once, while
   * the client is created, so it cannot return a promise. If the host app must wait for the bytes,
   * it creates the client afterwards.
   *
   * It must throw if saved cookies exist but cannot be read. The error is not reported: the jar
   * starts empty, this client never overwrites what was saved, and its `cookies.save()` throws.
   * When the cookies can be read again, the host app creates a new client.
   */
  load(): Uint8Array | ArrayBuffer | undefined;

  /**
   * Replaces what was saved before with these bytes, which belong to the storage. It is called half
   * a second after a change, and from within `cookies.save()` and `shutdown()`. If the thread was
   * busy, it gets the latest bytes only.
   *
   * The engine treats the bytes as saved. If that fails, the host app must try again by itself. An
   * error that this throws becomes an uncaught exception of the process, and nothing stops.
   *
   * If the process ends without `shutdown()`, by itself or by `process.exit()`, the changes of its
   * last half second can be lost: a save that waits does not keep the process alive, and nothing is
   * called at its end.
   */
  save(bytes: ArrayBuffer): void;

  /**
   * Reports that the loaded bytes are damaged. From now on there are no saved cookies, until the
   * next `save`. It is called later, after the cookies were used for the first time.
   */
  setAside?(): void;
}
