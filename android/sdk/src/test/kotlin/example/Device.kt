// What a host app on Android gives to its clients. docs/android.md shows this file in pieces.
package example

import android.app.Application
import android.webkit.WebView
import android.webkit.WebViewClient
import dev.gadget.request.ClientConfig
import dev.gadget.request.ForegroundObserver
import dev.gadget.request.GadgetClient
import dev.gadget.request.GadgetRequest
import dev.gadget.request.NetworkObserver
import dev.gadget.request.WebViewCookies

// #region device

/** Has one observer of each kind; they tell every client. */
class HostApp : Application() {
  private lateinit var network: NetworkObserver
  private lateinit var foreground: ForegroundObserver

  override fun onCreate() {
    super.onCreate()
    GadgetRequest.preload()
    network = NetworkObserver.register(this)
    foreground = ForegroundObserver.register(this)
  }

  fun clientOf(config: ClientConfig): GadgetClient = GadgetClient(config).also {
    network.add(it)
    foreground.add(it)
  }
}
// #endregion

// #region web-view

/** Shows a page to the user of a mini program. Close the result before the WebView. */
fun show(url: String, webView: WebView, client: GadgetClient): WebViewCookies {
  val cookies = WebViewCookies.attach(client)
  webView.webViewClient = object : WebViewClient() {
    // The client gets what the page has changed.
    override fun onPageFinished(view: WebView, url: String) = cookies.pull(url) {}
  }
  // The page gets the cookies of the client.
  cookies.push { webView.loadUrl(url) }
  return cookies
}
// #endregion
