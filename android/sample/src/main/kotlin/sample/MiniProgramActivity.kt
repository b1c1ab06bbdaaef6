// A container app: one mini program, whose page is in a WebView and calls `tt.request`.
package sample

import android.app.Activity
import android.graphics.Bitmap
import android.os.Bundle
import android.webkit.WebResourceRequest
import android.webkit.WebResourceResponse
import android.webkit.WebView
import android.webkit.WebViewClient
import dev.gadget.request.ClientConfig
import dev.gadget.request.GadgetBridge
import dev.gadget.request.GadgetClient
import dev.gadget.request.GadgetException
import dev.gadget.request.RequestCallback
import dev.gadget.request.RequestOptions
import dev.gadget.request.Response
import java.io.File

class MiniProgramActivity : Activity() {
  lateinit var client: GadgetClient
    private set

  lateinit var webView: WebView
    private set

  private lateinit var bridge: GadgetBridge

  override fun onCreate(savedInstanceState: Bundle?) {
    super.onCreate(savedInstanceState)
    client = GadgetClient(configOf(this))
    (application as SampleApp).observeFor(client)
    webView = WebView(this)
    webView.settings.javaScriptEnabled = true
    bridge = GadgetBridge.attach(webView, client, listOf(ORIGIN))
    webView.webViewClient = Pages()
    setContentView(webView)
    webView.loadUrl("$ORIGIN/index.html")
  }

  override fun onDestroy() {
    bridge.close()
    webView.destroy()
    client.close()
    super.onDestroy()
  }

  /** A call of the host app, beside those of the page. */
  fun showStatus(url: String) {
    client.enqueue(
      RequestOptions(url),
      object : RequestCallback {
        // On the main thread.
        override fun onSuccess(response: Response) {
          title = "${response.status}"
        }

        override fun onFail(error: GadgetException) {
          title = error.message
        }
      },
    )
  }

  /** Serves the pages in the app's assets under an origin of their own. */
  private inner class Pages : WebViewClient() {
    override fun onPageStarted(view: WebView, url: String, favicon: Bitmap?) {
      bridge.onPageStarted(url)
    }

    override fun shouldInterceptRequest(
      view: WebView,
      request: WebResourceRequest,
    ): WebResourceResponse? = when ("${request.url}") {
      "$ORIGIN/index.html" -> WebResourceResponse("text/html", "utf-8", assets.open("index.html"))
      else -> null
    }
  }

  companion object {
    const val ORIGIN = "https://mini.example"

    /** One for each mini program of each user. A test takes its own. */
    var configOf: (Activity) -> ClientConfig = { activity ->
      ClientConfig {
        appId = "cli_9dff7f6ae02ad104"
        appVersion = "1.2.0"
        cookieDir = File(activity.filesDir, "cookies").path
        backgroundGraceMs = 5_000
      }
    }
  }
}
