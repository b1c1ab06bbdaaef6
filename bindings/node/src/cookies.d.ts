/** A cookie of the jar, as a WebView's store knows it. */
export interface Cookie {
  /** Empty for a nameless one. */
  name: string;
  /** Bytes that are no UTF-8 are shown as ISO-8859-1. */
  value: string;
  /** The host that it is for alone, or with a dot before it, a domain with all that is below it. */
  domain: string;
  /** The path below which it is sent. Default: `/`. */
  path?: string;
  /**
   * When it is over, in milliseconds since 1970, as `Date.now()` counts them. Default: it ends with
   * the jar, and is never saved. None is kept for longer than 400 days.
   */
  expires?: number;
  /** Whether it is sent over https and to loopback only. Default: false. */
  secure?: boolean;
  /** Not for scripts: a host that hands cookies to a page leaves it out. Default: false. */
  httpOnly?: boolean;
  /** What it says of requests from other sites; a mini program's are none. Default: nothing. */
  sameSite?: 'strict' | 'lax' | 'none';
}

/** A change of a jar, by a response, by the host, or because there was no room. */
export interface CookieChange {
  /**
   * `set`: the cookie is new, or has another value or other attributes. `removed`: it is gone.
   */
  type: 'set' | 'removed';
  cookie: Cookie;
}

/** What {@link CookieJar.onChange} gives. */
export interface CookieListener {
  /** Ends it: from now on nothing is told. Any number of times. */
  close(): void;
}

/**
 * The cookies of a client's app (RFC 6265bis), for the host: it shows all of them, whatever the
 * mini program may see. Clients with the same `cookieDir` and `appId` have one jar.
 *
 * Nothing here waits for the network. A wrong argument is a TypeError that names it.
 */
export interface CookieJar {
  /**
   * All cookies that are not over, the oldest first; with a URL, those that a request to it takes
   * along, in the order in which they are sent. None where it is no URL.
   */
  list(url?: string): Cookie[];

  /**
   * Sets cookies, each in the place of the one with its name, domain and path. One that is over
   * removes it.
   *
   * @throws Error where one of them cannot be, and then none is set; the message names the member,
   *   of one among several with its index (`[1].domain: …`), and nothing of the cookie is in it.
   */
  set(cookies: Cookie | Cookie[]): void;

  /**
   * Deletes the cookie of this name, domain and path, as {@link list} tells them; whether there was
   * one. The domain may be spelled otherwise: in capitals, in its own script.
   */
  delete(name: string, domain: string, path: string): boolean;

  /** Removes the cookies of a domain and of all that is below it; without one, all cookies. */
  clear(domain?: string): void;

  /**
   * Takes a Set-Cookie line as if a response from this URL had set it, which is how a WebView's
   * store often takes cookies; whether that changed anything. What such a response may not set is
   * not taken.
   */
  setLine(url: string, line: string): boolean;

  /** All cookies as JSON: the array of `list()`. */
  exportJson(): string;

  /**
   * Sets the cookies of a JSON array such as {@link exportJson} gives.
   *
   * @throws Error as {@link set} does, and for text that is no such array.
   */
  importJson(json: string): void;

  /**
   * Saves what has changed, before it returns: into `cookieDir`, or by {@link CookieStorage.save}.
   * Else that is done half a second after a change, and soon after `shutdown()`.
   *
   * @throws Error where they cannot be: the folder takes no file, {@link CookieStorage.load} threw.
   *   What has changed stays to be saved.
   */
  save(): void;

  /**
   * Tells every change, in their order, later and on this thread, never within the call that made
   * it. `list()` may show more by then.
   *
   * What the listener throws becomes an uncaught exception of the process and stops nothing.
   *
   * It goes on until it is closed, or until nobody holds the client any more. It keeps neither the
   * client nor the process alive.
   */
  onChange(listener: (change: CookieChange) => void): CookieListener;
}

/**
 * The host's own place for the cookies of one client, instead of `cookieDir`: encrypted
 * preferences, `safeStorage` of Electron. What is kept is a few KiB mostly, 64 MiB at most, and
 * shows any damage by itself. It holds the cookies as they are: whoever has it is logged in where
 * the mini program's user is.
 *
 * All is called on the client's thread.
 */
export interface CookieStorage {
  /**
   * What was saved last, undefined where nothing ever was. Called once, while the client is made;
   * so it cannot wait for a promise, and a host that has to, waits before it makes the client.
   *
   * It throws where there may be something that cannot be had. That error goes no further: the jar
   * begins empty, and nothing of this client is ever saved over what could not be had; so
   * `cookies.save()` throws. A host that has it later makes a new client.
   */
  load(): Uint8Array | ArrayBuffer | undefined;

  /**
   * Puts these bytes, a copy of its own, in the place of what was saved before. Comes half a second
   * after a change; at once, before they return, in `cookies.save()` and `shutdown()`. Where the
   * thread was busy meanwhile, only the latest comes.
   *
   * The engine takes it as done: a host that fails here tries again by itself. What this throws
   * becomes an uncaught exception of the process and stops nothing.
   *
   * A process that ends without `shutdown()`, by itself or by `process.exit()`, may lose what
   * changed in its last half second: a waiting save does not keep it alive, and nothing is called
   * at its end.
   */
  save(bytes: ArrayBuffer): void;

  /**
   * What was loaded is damaged: from now on there is nothing, until the next save. Comes later,
   * once the cookies were needed for the first time.
   */
  setAside?(): void;
}
