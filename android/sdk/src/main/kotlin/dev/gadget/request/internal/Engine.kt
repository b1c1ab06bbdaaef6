package dev.gadget.request.internal

import dev.gadget.request.CookieJar
import dev.gadget.request.Errno
import dev.gadget.request.GadgetException
import dev.gadget.request.InvokeResult
import dev.gadget.request.ProxySelector
import dev.gadget.request.RequestOptions
import dev.gadget.request.RequestTask
import dev.gadget.request.Response
import dev.gadget.request.ResponseHead
import dev.gadget.request.Timing
import java.io.IOException

/** The engine, as this library uses it: [NativeEngine], [UniffiEngine], or a fake in tests. */
internal interface Engine {
  /**
   * Starts a call. [events] hears of its response, and [completed] gets its outcome, once, on
   * another thread.
   */
  fun start(
    options: RequestOptions,
    events: CallEvents? = null,
    completed: (Outcome) -> Unit,
  ): EngineTask

  /**
   * Starts a call of a JavaScript engine. [events] hears of its response, and [completed] gets its
   * result, once, on another thread.
   */
  fun invoke(
    optionsJson: String,
    body: ByteArray?,
    events: CallEvents? = null,
    completed: (InvokeResult) -> Unit,
  ): EngineTask

  /** Reports whether the device has a network. */
  fun setOnline(online: Boolean)

  /** Reports that the device has another network. */
  fun networkChanged()

  /**
   * Takes another proxy, or none, with a JSON document of the settings `proxy` and `proxy_bypass`.
   *
   * @throws IllegalArgumentException a setting is invalid; the message names its field
   */
  fun setProxy(settingsJson: String)

  /**
   * Takes a selector, with a JSON document of the setting `proxy_bypass`; null means the client's
   * own.
   *
   * @throws IllegalArgumentException a setting is invalid; the message names its field
   */
  fun setProxySelector(selector: ProxySelector, settingsJson: String?)

  /** Reports that the host app is in the background. */
  fun enterBackground()

  /** Reports that the host app is in the foreground again. */
  fun enterForeground()

  /** The number of calls in flight. */
  val inFlight: Int

  /** The number of queued calls. */
  val queued: Int

  /** The calls that ended last, as HAR 1.2. */
  fun har(): String

  /** The cookies of the client. */
  val cookies: CookieJar

  /**
   * Makes a bridge to the documents of a WebView, with a JSON document of its settings.
   *
   * @throws IllegalArgumentException a setting is invalid; the message names its field
   */
  fun openPageBridge(settingsJson: String): PageBridge

  /** Ends all calls. Every later call fails. */
  fun close()
}

/** A task whose events may be paused. */
internal interface EngineTask : RequestTask {
  /** Lets the next event come, after a chunk. */
  fun resume()
}

/**
 * Hears of a response while its call runs: one event at a time, on threads of the engine, before
 * the call has completed.
 */
internal interface CallEvents {
  /** The head is there. */
  fun headers(head: ResponseHead)

  /**
   * A piece of the body is there. The next one, or the success after the last one, waits for
   * [EngineTask.resume], which may come before this returns.
   */
  fun chunk(bytes: ByteArray)
}

/** How a call ended. */
internal sealed class Outcome {
  class Success(val response: Response) : Outcome()

  /** Not yet an exception, so that the stack trace is the one of the code that throws it. */
  class Fail(
    val errno: Errno,
    val detail: String,
    val trace: String,
    val cause: String?,
    private val timing: ByteArray? = null,
  ) : Outcome() {
    fun exception() =
      GadgetException(errno, detail, trace, cause?.let(::IOException), timing?.let(::Timing))
  }
}
