package dev.gadget.request.internal

import dev.gadget.request.ProxySelector
import dev.gadget.request.generated.Client
import dev.gadget.request.generated.SelectorFailure
import dev.gadget.request.generated.ProxySelector as SelectorInterface

/** A selector of the host app, for the engine. Nothing that it throws reaches the engine. */
internal class NativeProxySelector(private val selector: ProxySelector) : SelectorInterface {
  override fun select(origin: String): String? = try {
    selector.select(origin)?.also { require(it.length <= MAX_LENGTH && it.isInUtf8()) }
  } catch (_: Throwable) {
    throw SelectorFailure.Failed()
  }

  private companion object {
    /** Far over a proxy's URL, so that any text can cross the boundary. */
    const val MAX_LENGTH = 1 shl 16
  }
}

/** Gives a client another proxy: the settings `proxy` and `proxy_bypass`. */
internal fun setProxy(client: Client, settingsJson: String) =
  refusingInvalid { client.setProxy(settingsJson) }

/** Gives a client a selector, and the setting `proxy_bypass`; null means the client's own. */
internal fun setProxySelector(client: Client, selector: ProxySelector, settingsJson: String?) =
  refusingInvalid {
    keepThreadsAttached
    client.setProxySelector(NativeProxySelector(selector), settingsJson)
  }
