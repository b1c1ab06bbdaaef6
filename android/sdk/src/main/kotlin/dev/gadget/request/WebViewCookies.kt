package dev.gadget.request

import android.webkit.CookieManager
import dev.gadget.request.internal.CookieSync
import dev.gadget.request.internal.WebViewStore
import dev.gadget.request.internal.mainThread
import dev.gadget.request.internal.warn
import dev.gadget.request.internal.workerThread
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume

/**
 * Keeps the cookies of a client and of the app's WebViews the same, so that who is logged in on one
 * side is logged in on the other.
 *
 * ```
 * val cookies = WebViewCookies.attach(client)
 * cookies.push { webView.loadUrl("https://example.com/") } // the page has the client's cookies
 * // In WebViewClient.onPageFinished, and when the page says that the user has logged in:
 * cookies.pull(url) { showUser() } // the client has the page's cookies
 * ```
 *
 * **From the client to the WebViews**: all cookies at the start, then each change, soon and in
 * their order. At the start the client's cookies replace those of the WebViews.
 *
 * **From the WebViews to the client**: [pull] only, because Android does not report changes. What
 * has changed there since this last looked is copied: new cookies, values, and cookies that are
 * gone. If both sides have changed a cookie, the WebView's counts.
 *
 * With androidx.webkit 1.6 or later in the host app, and a WebView that supports `GET_COOKIE_INFO`,
 * cookies come with all their attributes, `HttpOnly` too. Otherwise Android shows names and values
 * only:
 *
 * - a cookie that the client has as well keeps its attributes, and gets the new value,
 * - a new cookie goes to the host of the URL alone, until the end of the session, as `HttpOnly`,
 *   and as `Secure` if the URL has https,
 * - if there are several cookies with a name, they are left alone.
 *
 * Never copied: cookies that one side refuses, and what a page keeps elsewhere (`localStorage`).
 *
 * All WebViews of a process share a CookieManager, unless they have a profile of androidx.webkit.
 * Attach only one client to it, or several mini programs get each other's cookies. To log a user
 * out, clear both: [CookieJar.clear] and `CookieManager.removeAllCookies`.
 *
 * All functions may be called from any thread. None blocks: a thread of its own copies. The client
 * keeps this alive.
 */
public class WebViewCookies
private constructor(
  private val jar: CookieJar,
  manager: () -> CookieManager,
) : AutoCloseable {
  private val sync = CookieSync(jar) { WebViewStore(manager()) }
  private val worker = workerThread("cookies")

  @Volatile
  private var isClosed = false

  @Volatile
  private var listening: CookieListening? = null

  init {
    // Not here: the first use of a jar takes its time.
    work(::begin)
  }

  /** Runs [completed] on the main thread when all that the client has now is in the WebViews. */
  public fun push(completed: Runnable): Unit = work(sync::pushAll) { onMainThread(completed) }

  /** Waits until all that the client has now is in the WebViews. For Kotlin. */
  public suspend fun push(): Unit = await(sync::pushAll)

  /**
   * Copies what has changed in the cookies that a WebView sends to [url], and then runs [completed]
   * on the main thread. Several pulls are done in their order. Nothing is copied if this is closed,
   * or if [url] is not a URL.
   */
  public fun pull(url: String, completed: Runnable): Unit =
    work({ pullNow(url) }) { onMainThread(completed) }

  /** As the other [pull], but waits until it is done. For Kotlin. */
  public suspend fun pull(url: String): Unit = await { pullNow(url) }

  /**
   * Ends the copying. What the client has changed before is still copied to the WebViews. Calling
   * it twice is the same as calling it once.
   */
  override fun close() {
    isClosed = true
    listening?.close()
  }

  private fun begin() {
    // First listen, then copy: no change is missed.
    listening = jar.onChange { change ->
      sync.changed(change)
      work(sync::push)
    }
    if (isClosed) close()
    sync.pushAll()
  }

  private fun pullNow(url: String) {
    if (!isClosed) sync.pull(url)
  }

  private suspend fun await(action: () -> Unit) =
    suspendCancellableCoroutine { continuation -> work(action) { continuation.resume(Unit) } }

  private fun work(action: () -> Unit, completed: () -> Unit = {}) = worker.execute {
    try {
      action()
    } catch (thrown: Throwable) {
      warn("cookies were not copied between a client and the WebViews", thrown)
    }
    completed()
  }

  private fun onMainThread(completed: Runnable) {
    mainThread()?.execute(completed)
  }

  /** Connects jars with WebViews. */
  public companion object {
    /**
     * Begins to copy the cookies of [client].
     *
     * @param client its [GadgetClient.cookies] are copied, until it or the result is closed
     * @param cookieManager the one of a profile of androidx.webkit; null for
     *   `CookieManager.getInstance()`, which the thread that copies calls, as it may have to load
     *   the WebView. If the device has no WebView, nothing is copied, and warnings say so
     */
    @JvmStatic
    @JvmOverloads
    public fun attach(client: GadgetClient, cookieManager: CookieManager? = null): WebViewCookies =
      WebViewCookies(client.cookies) { cookieManager ?: CookieManager.getInstance() }
  }
}
