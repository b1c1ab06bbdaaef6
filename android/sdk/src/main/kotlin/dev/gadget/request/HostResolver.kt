package dev.gadget.request

import java.net.InetAddress

/**
 * The host app's way to find the addresses of host names, such as HttpDNS
 * ([GadgetClient.Builder.resolver]).
 *
 * ```
 * GadgetClient(config) { resolver = HostResolver { host -> httpDns.lookup(host) } }
 * ```
 *
 * The engine asks it for each new connection and keeps no answer. It does not ask for IP addresses,
 * for `localhost` and its subdomains, for a host and port in [ClientConfig.Builder.resolve], or for
 * names that a proxy looks up.
 *
 * It runs on threads of the engine that may block, on several at the same time. The time that it
 * takes is part of [ClientConfig.Builder.connectTimeoutMs]. It is not interrupted when its call
 * ends. It must not wait for a call of a client that uses it.
 */
public fun interface HostResolver {
  /**
   * Returns the addresses of a host, in the order in which the engine tries them. They are judged
   * like addresses of the system ([ClientConfig.Builder.allowPrivateAddresses]). A zone (`%wlan0`)
   * is ignored.
   *
   * @param host the name in lower case, in its punycode form
   * @return null or an empty list if the engine must ask the system
   * @throws Exception the call fails with 305 `name not resolved`, whatever is thrown. The
   *   exception is not shown anywhere
   */
  @Throws(Exception::class)
  public fun resolve(host: String): List<InetAddress>?
}
