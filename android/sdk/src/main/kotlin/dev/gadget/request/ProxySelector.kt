package dev.gadget.request

/**
 * The host app's choice of a proxy for each request ([GadgetClient.Builder.proxySelector],
 * [GadgetClient.setProxySelector]). [SystemProxy] is one: it asks the system.
 *
 * ```
 * GadgetClient(config) {
 *   proxySelector = ProxySelector { origin -> if (inOffice(origin)) "http://proxy:8080" else null }
 * }
 * ```
 *
 * The engine asks it for each request and each redirect, unless
 * [ClientConfig.Builder.proxyBypass] has the host. A connection is used again only by requests that
 * get the same proxy.
 *
 * It runs on threads of the engine that may block, on several at the same time. The time that it
 * takes is part of [ClientConfig.Builder.connectTimeoutMs]: if it hangs, the call fails with 302
 * `timeout`. It is not interrupted when its call ends. It must not wait for a call of a client that
 * uses it.
 */
public fun interface ProxySelector {
  /**
   * Returns the proxy for requests to an origin.
   *
   * @param origin a URL without path and query, as `https://www.example.com/`
   * @return a URL as in [ClientConfig.Builder.proxy]; null if the requests need no proxy. With
   *   anything else the call fails with 305 `proxy failed`, and nothing is sent
   * @throws Exception the call fails with 305 `proxy failed`, whatever is thrown. The exception is
   *   not shown anywhere
   */
  @Throws(Exception::class)
  public fun select(origin: String): String?
}
