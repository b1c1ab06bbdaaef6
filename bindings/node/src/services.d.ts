import type { CookieStorage } from './cookies.js';
import type { CallEvent } from './observer.js';

/**
 * A resolver of the host app, which finds the addresses of a host name, for example by HttpDNS.
 *
 * It returns addresses as text (`192.0.2.7`, `2001:db8::7`), in the order in which the engine tries
 * them, or a promise of them. With an empty array, the engine asks the system. If it throws,
 * rejects, or returns anything else, the call fails with errno 305, `name not resolved`; the error
 * itself is not reported.
 *
 * It is called on the client's thread for each new connection, with the name in lower case and
 * ASCII. Several calls can wait for their promises at the same time. It is not called for
 * addresses, for `localhost` and names below it, and for a host and port in the setting `resolve`.
 * With a `proxy`, it is called for the name of the proxy only. The engine keeps no answers. It
 * checks the addresses by the same rules as addresses from the system.
 *
 * The time that it takes is part of `connectTimeoutMs`: after that time the call fails with errno
 * 302, and a later answer has no effect. Each question holds a thread of the engine until it is
 * answered, until `shutdown()`, or until a second after `connectTimeoutMs`, even if its call was
 * aborted. At most 32 questions wait at a time in a process, and 10 for a client: others wait for
 * them.
 */
export type Resolver = (host: string) => string[] | Promise<string[]>;

/**
 * A function of the host app that chooses the proxy of each request, for example as the system's
 * settings say.
 *
 * It gets an origin, a URL without path and query: `https://www.example.com/`. It returns a URL as
 * the setting `proxy` has it, or null or undefined if the request needs no proxy, or a promise of
 * them. If it throws, rejects, or returns anything else, the call fails with errno 305, `proxy
 * failed`, and nothing is sent; the error itself is not reported.
 *
 * It is called on the client's thread for each request and each redirect, unless `proxyBypass` has
 * the host. A connection is used again only by requests that get the same proxy. The time that it
 * takes counts as the time of a resolver does: if it never answers, the call fails with errno 302,
 * `timeout`.
 */
export type ProxySelector = (
  origin: string,
) => string | null | undefined | Promise<string | null | undefined>;

/**
 * The services that only the host app can give a client. All are called on the client's thread. If
 * a service is absent or undefined, the engine does the work itself.
 */
export interface ClientServices {
  /**
   * Keeps the cookies, in place of `cookieDir`. Such a client must be ended with `shutdown()`: it
   * can stay in memory until then.
   */
  cookieStorage?: CookieStorage;
  /**
   * Resolves host names. It keeps neither the client nor the process alive; pending calls do.
   */
  resolver?: Resolver;
  /** Chooses the proxy of each request, in place of `proxy`. */
  proxySelector?: ProxySelector;
  /**
   * Hears what happens to the calls of the client: one event at a time, in their order. A call that
   * has settled may still have events on their way. It keeps neither the client nor the process
   * alive, so the last events of a client that nobody holds any more may be lost. If it throws, the
   * error becomes an uncaught exception, as with a callback; on HarmonyOS the error observer gets
   * it.
   */
  observer?: (event: CallEvent) => void;
}
