package dev.gadget.request

import java.net.InetSocketAddress
import java.net.Proxy
import java.net.URI

/**
 * Chooses the proxy that the device's settings name, as Android's own HTTP stack does: that of the
 * Wi-Fi, of a device policy, or of a PAC script.
 *
 * ```
 * GadgetClient(config) { proxySelector = SystemProxy() }
 * ```
 *
 * Each request asks anew, so that a change of the settings counts from the next request on. If the
 * system names several proxies, the first one counts.
 *
 * @param selector where the settings are read. Default, null: `java.net.ProxySelector.getDefault()`
 *   at each request
 */
public class SystemProxy
@JvmOverloads
constructor(
  private val selector: java.net.ProxySelector? = null,
) : ProxySelector {
  /** Asks the system. A SOCKS proxy gets the server's name, not its address. */
  override fun select(origin: String): String? {
    val selector = selector ?: java.net.ProxySelector.getDefault()
    val proxy = selector?.select(URI(origin)).orEmpty().firstOrNull() ?: return null
    return when (proxy.type()) {
      Proxy.Type.HTTP -> "http://${authority(proxy)}"
      Proxy.Type.SOCKS -> "socks5h://${authority(proxy)}"
      Proxy.Type.DIRECT, null -> null
    }
  }

  private fun authority(proxy: Proxy): String {
    val address = proxy.address() as InetSocketAddress
    // The engine's addresses have no zones.
    val host = address.hostString.substringBefore('%')
    return if (':' in host) "[$host]:${address.port}" else "$host:${address.port}"
  }
}
