package dev.gadget.request.internal

import android.net.Uri
import android.webkit.WebView
import androidx.webkit.JavaScriptReplyProxy
import androidx.webkit.ScriptHandler
import androidx.webkit.WebMessageCompat
import androidx.webkit.WebViewCompat
import androidx.webkit.WebViewFeature

/**
 * The channel of androidx.webkit: the WebView runs the script at the start of each document, and
 * says of each message which origin and frame it comes from. See [hasMessageListeners].
 */
internal class ListenerChannel(webView: WebView, open: OpenPageBridge) : PageChannel(webView) {
  private val bridge = open {
    raw("bytes", WebViewFeature.isFeatureSupported(WebViewFeature.WEB_MESSAGE_ARRAY_BUFFER))
  }
  private val script: ScriptHandler

  init {
    WebViewCompat.addWebMessageListener(webView, CHANNEL, everywhere, ::receive)
    script = try {
      WebViewCompat.addDocumentStartJavaScript(webView, bridge.script, everywhere)
    } catch (unsupported: RuntimeException) {
      bridge.close()
      WebViewCompat.removeWebMessageListener(webView, CHANNEL)
      throw unsupported
    }
  }

  override fun pageStarted(url: String) = Unit

  override fun remove() {
    bridge.close()
    WebViewCompat.removeWebMessageListener(webView, CHANNEL)
    script.remove()
  }

  private fun receive(
    @Suppress("unused") view: WebView,
    message: WebMessageCompat,
    origin: Uri,
    isMainFrame: Boolean,
    page: JavaScriptReplyProxy,
  ) = bridge.receive(read(message), origin.toString(), isMainFrame) { post { page.send(it) } }

  private fun read(message: WebMessageCompat) = when (message.type) {
    WebMessageCompat.TYPE_ARRAY_BUFFER -> PageMessage.Bytes(message.arrayBuffer)
    else -> PageMessage.Text(message.data.orEmpty())
  }

  private fun JavaScriptReplyProxy.send(reply: PageMessage) = when (reply) {
    is PageMessage.Text -> postMessage(reply.text)
    is PageMessage.Bytes -> postMessage(reply.bytes)
  }

  private companion object {
    /** The engine decides which origins are allowed, and tells the others why they are not. */
    val everywhere = setOf("*")
  }
}
