package dev.gadget.request

import android.webkit.WebView
import dev.gadget.request.internal.PageChannel
import dev.gadget.request.internal.isMainThread

/**
 * Offers a client to the pages of a WebView: they call `tt.request`
 * (docs/contract.md#13-a-page-in-a-webview).
 *
 * ```
 * val bridge = GadgetBridge.attach(webView, client, listOf("https://page.example"))
 * webView.webViewClient = object : WebViewClient() {
 *   override fun onPageStarted(view: WebView, url: String, favicon: Bitmap?) {
 *     bridge.onPageStarted(url)
 *   }
 * }
 * webView.loadUrl("https://page.example/")
 * ```
 *
 * The WebView must have JavaScript enabled. It has one bridge at a time. Attach it before the
 * WebView loads its first page, and [close] it before you call `WebView.destroy`, also if the
 * process of the WebView has died. Closing the client does not close the bridge: calls of the page
 * then fail with 301.
 *
 * When the WebView leaves a page, the calls of that page are aborted, and no callback comes. Pages
 * that are not allowed get errno 103 and a warning in their console.
 *
 * **Recommended: androidx.webkit 1.9 or later in the host app.** Then the API is there before any
 * script of the page, frames can have it, and most WebViews pass ArrayBuffers as bytes. Without
 * that library, or if the WebView is too old for it:
 *
 * - only the main frame has the API,
 * - a page has it only if the host app calls [onPageStarted], and a script that runs at once may
 *   come before it,
 * - ArrayBuffers travel as base64,
 * - a document that its server sandboxes (`Content-Security-Policy: sandbox`) counts as one of the
 *   origin in its URL.
 *
 * A result over 40 MiB fails with errno 305, `body too large`.
 *
 * The page's script needs a WebView of version 67 or later.
 *
 * All functions must be called on the main thread. None waits for the network. The WebView keeps
 * the bridge alive.
 */
public class GadgetBridge private constructor(private val channel: PageChannel) : AutoCloseable {
  /**
   * Reports that the main frame begins to load a page. Call it in `WebViewClient.onPageStarted`
   * with the URL that comes there. It has no effect if androidx.webkit runs the page's script, or
   * if the bridge is closed.
   */
  public fun onPageStarted(url: String) {
    check(isMainThread) { NOT_MAIN }
    channel.pageStarted(url)
  }

  /**
   * Ends the bridge. The calls of its pages are aborted, and none of their callbacks comes. Pages
   * that load later do not have the API. Calling it twice is the same as calling it once.
   *
   * @throws IllegalStateException not the main thread
   */
  override fun close() {
    check(isMainThread) { NOT_MAIN }
    channel.close()
  }

  /**
   * Sets what few host apps need. In Kotlin it is the receiver in [GadgetBridge.attach]. In Java:
   *
   * ```java
   * GadgetBridge.Builder builder = new GadgetBridge.Builder(webView, client, allowedOrigins);
   * builder.setFrames(true);
   * GadgetBridge bridge = builder.attach();
   * ```
   *
   * The parameters are those of [GadgetBridge.attach].
   */
  public class Builder(
    private val webView: WebView,
    private val client: GadgetClient,
    allowedOrigins: Collection<String>,
  ) {
    private val allowedOrigins = allowedOrigins.toList()

    /**
     * True if documents in frames may use the API, if their origin is allowed as well. It needs
     * androidx.webkit. Default: false.
     */
    public var frames: Boolean = false

    /** The global of the page that gets `request`. Default: `tt`. */
    public var name: String = "tt"

    /** As [GadgetBridge.attach]. */
    public fun attach(): GadgetBridge {
      check(isMainThread) { NOT_MAIN }
      val engine = client.engine
      return GadgetBridge(PageChannel.open(webView, engine, allowedOrigins, frames, name))
    }
  }

  /** Attaches bridges. */
  public companion object {
    private const val NOT_MAIN = "not the main thread"

    /**
     * Offers [client] to the pages that [webView] loads from now on. In Java, [Builder] takes the
     * place of [configure].
     *
     * @param webView the WebView, with JavaScript enabled
     * @param client makes the calls; several bridges may share it
     * @param allowedOrigins the pages that may call: `https://example.com` is one origin; a host
     *   that begins with `*.` stands for all hosts below it, `null` for pages without an origin
     *   (`about:blank`, `data:` and `file:`; any site can make one), and `*` for all pages
     * @param configure sets what few host apps need
     * @throws IllegalArgumentException a setting is invalid; the message names its field
     * @throws IllegalStateException not the main thread
     */
    @JvmStatic
    @JvmOverloads
    public fun attach(
      webView: WebView,
      client: GadgetClient,
      allowedOrigins: Collection<String>,
      configure: Builder.() -> Unit = {},
    ): GadgetBridge = Builder(webView, client, allowedOrigins).apply(configure).attach()
  }
}
