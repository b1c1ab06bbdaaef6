package dev.gadget.request.internal

import android.os.Handler
import android.os.Looper
import android.webkit.WebView
import androidx.webkit.ScriptHandler
import androidx.webkit.WebViewFeature

/**
 * The most bytes of a reply. On its way into a page it is copied some four times, and an app may
 * have 256 MiB.
 */
private const val LONGEST_REPLY = 40 shl 20

/** The object of a page that takes messages. */
internal const val CHANNEL = "gadgetRequest"

/**
 * Makes a bridge of the engine. The settings of the host app are in it; the function adds those of
 * the channel.
 */
internal typealias OpenPageBridge = (JsonObject.() -> Unit) -> PageBridge

/** The way from the documents of a WebView to a bridge of the engine and back. Main thread only. */
internal abstract class PageChannel(protected val webView: WebView) {
  private val mainThread = Handler(Looper.getMainLooper())

  protected var isClosed = false
    private set

  /** The main frame begins to show a document. */
  abstract fun pageStarted(url: String)

  /** Closes the bridge and takes its traces out of the WebView. */
  protected abstract fun remove()

  fun close() {
    if (isClosed) return
    isClosed = true
    remove()
  }

  /** Runs [action] soon on the main thread, unless this is closed by then. For any thread. */
  protected fun post(action: () -> Unit) {
    mainThread.post { if (!isClosed) action() }
  }

  companion object {
    /** Opens the best channel that there is. */
    fun open(
      webView: WebView,
      engine: Engine,
      origins: List<String>,
      frames: Boolean,
      name: String,
    ): PageChannel {
      val open: OpenPageBridge = { ofChannel ->
        val settings = JsonObject()
          .texts("origins", origins)
          .raw("frames", frames)
          .text("name", name)
          .text("channel", CHANNEL)
          .raw("limit", LONGEST_REPLY)
        engine.openPageBridge(settings.apply(ofChannel).toString())
      }
      return when {
        hasMessageListeners() -> ListenerChannel(webView, open)
        else -> InterfaceChannel(webView, name, open)
      }
    }
  }
}

internal val isMainThread: Boolean get() = Looper.myLooper() == Looper.getMainLooper()

/**
 * True if the host app contains androidx.webkit 1.9 or later, and this WebView can do what
 * [ListenerChannel] needs.
 */
internal fun hasMessageListeners(): Boolean = try {
  // Before 1.9 it is an abstract class.
  ScriptHandler::class.java.isInterface &&
    WebViewFeature.isFeatureSupported(WebViewFeature.WEB_MESSAGE_LISTENER) &&
    WebViewFeature.isFeatureSupported(WebViewFeature.DOCUMENT_START_SCRIPT)
} catch (_: LinkageError) {
  false
}
