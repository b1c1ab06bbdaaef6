// A WebView whose pages have `tt.request`. docs/bridge.md shows this file.
package example

import android.graphics.Bitmap
import android.webkit.WebView
import android.webkit.WebViewClient
import dev.gadget.request.GadgetBridge
import dev.gadget.request.GadgetClient

// #region page
/** Call it on the main thread, before the first page. Close the bridge before the WebView. */
fun bridgeOf(webView: WebView, client: GadgetClient): GadgetBridge {
  val bridge = GadgetBridge.attach(webView, client, listOf("https://page.example"))
  webView.webViewClient = object : WebViewClient() {
    override fun onPageStarted(view: WebView, url: String, favicon: Bitmap?) {
      bridge.onPageStarted(url)
    }
  }
  return bridge
}
// #endregion
