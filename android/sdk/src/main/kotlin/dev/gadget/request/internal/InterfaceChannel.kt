package dev.gadget.request.internal

import android.net.Uri
import android.webkit.JavascriptInterface
import android.webkit.WebView
import java.util.UUID

/**
 * The channel of Android itself, for the main frame.
 *
 * The object that takes messages is visible in all frames, and does not say which one sends. So the
 * script has a secret, which only documents of one origin get: what goes into a page runs only if
 * the page's location has that origin, and a page cannot forge its location. When a page of another
 * origin begins, the bridge is closed and another one takes its place, with another secret.
 *
 * Within an origin the secret stays: the engine tells the documents apart.
 */
internal class InterfaceChannel(webView: WebView, name: String, private val open: OpenPageBridge) :
  PageChannel(webView) {
  private val receiver = "window[Symbol.for(${jsonText("gadget-request $CHANNEL $name")})]"

  /** Until the first page, one that no page knows the secret of: it checks the settings. */
  @Volatile
  private var site = Site(origin = "")

  init {
    webView.addJavascriptInterface(Port(), CHANNEL)
  }

  override fun pageStarted(url: String) {
    if (isClosed) return
    val origin = originOf(url)
    if (origin != site.origin) {
      site.bridge.close()
      site = Site(origin)
    }
    site.run(site.bridge.script)
  }

  override fun remove() {
    site.bridge.close()
    webView.removeJavascriptInterface(CHANNEL)
  }

  /** The documents of one origin, as long as no other comes between. */
  private inner class Site(val origin: String) {
    private val secret = UUID.randomUUID().toString()
    val bridge = open { text("secret", secret) }

    fun receive(message: String, secret: String) {
      if (secret != this.secret) return
      bridge.receive(PageMessage.Text(message), origin, isMainFrame = true) { reply ->
        // Never bytes: the settings do not say that the channel carries them.
        val text = scriptText((reply as PageMessage.Text).text)
        post { run("{const receive=$receiver;if(receive)receive($text)}") }
      }
    }

    fun run(script: String) {
      val here = "location.protocol+'//'+location.host===${jsonText(origin)}"
      webView.evaluateJavascript("if($here)$script", null)
    }
  }

  /** Its functions come on a thread of the WebView. */
  private inner class Port {
    @JavascriptInterface
    @Suppress("unused") // by the page's script
    fun postMessage(message: String?, secret: String?) {
      if (message != null && secret != null) site.receive(message, secret)
    }
  }
}

/** As a page's script reads it from its location. The engine takes one without a host as `null`. */
private fun originOf(url: String): String {
  val uri = Uri.parse(url)
  return "${uri.scheme}://${uri.encodedAuthority.orEmpty().substringAfterLast('@')}"
}

/** A text in a script. Two characters of JSON ended a line there until 2019. */
private fun scriptText(text: String): String =
  jsonText(text).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
