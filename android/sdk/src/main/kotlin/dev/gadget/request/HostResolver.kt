package dev.gadget.request

import java.net.InetAddress

/**
 * A host's own way from host names to addresses ([GadgetClient.Builder.resolver]): HttpDNS and the
 * like.
 *
 * ```
 * GadgetClient(config) { resolver = HostResolver { host -> httpDns.lookup(host) } }
 * ```
 *
 * It is asked for each new connection; what it answers is not kept. It is not asked for addresses,
 * for `localhost` and what is below it, for what [ClientConfig.Builder.resolve] has, nor for what a
 * proxy looks up.
 *
 * It is called on threads of the engine that may block, on several at once. The time it takes
 * counts as time to connect ([ClientConfig.Builder.connectTimeoutMs]); a call that has ended does
 * not stop it. It must not wait for a call of a client that asks it.
 */
public fun interface HostResolver {
  /**
   * The addresses of a host, in the order in which they are to be tried. They are judged as those
   * of the system are ([ClientConfig.Builder.allowPrivateAddresses]), and a zone (`%wlan0`) is
   * left out.
   *
   * @param host the name in lower case, in its punycode form
   * @return null or none: the system is asked
   * @throws Exception whatever it is, the call fails with 305 `name not resolved`; it is not shown
   *   anywhere
   */
  @Throws(Exception::class)
  public fun resolve(host: String): List<InetAddress>?
}
