import type { CookieStorage } from './cookies.js';

/**
 * The host's own way from a host name to addresses: HttpDNS and the like.
 *
 * It returns addresses as text (`192.0.2.7`, `2001:db8::7`) in the order in which they are to be
 * tried, or a promise of them; an empty array: the system is asked. Where it throws or rejects, and
 * for all else that it returns, the call fails with errno 305, `name not resolved`; the error goes
 * no further.
 *
 * It is called on the client's thread for each new connection, several at once where it waits, with
 * the name in lower case and ASCII. It is not asked for addresses, `localhost` and what is below
 * it, nor for what `resolve` of the settings has; with a `proxy`, for the name of that alone.
 * Nothing that it answers is kept, and all of it is judged as what the system answers.
 *
 * The time that it takes is time to connect: after `connectTimeoutMs` the call has failed with
 * errno 302, and what it answers then counts for nothing. Each question holds a thread of the
 * engine until it is answered, `shutdown()`, or a second after `connectTimeoutMs`, also where its
 * call was aborted. There are 64 of them, which ask the system's name service too.
 */
export type Resolver = (host: string) => string[] | Promise<string[]>;

/**
 * What only the host's own code can do for a client, on the client's thread. What is absent or
 * undefined the engine does by itself.
 */
export interface ClientServices {
  /**
   * Where cookies are kept, in the place of `cookieDir`. A client that has one is to be ended by
   * `shutdown()`: it may be kept alive until then.
   */
  cookieStorage?: CookieStorage;
  /**
   * Resolves host names. It keeps neither the client nor the process alive; its client's pending
   * requests do.
   */
  resolver?: Resolver;
}
