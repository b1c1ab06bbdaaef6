package dev.gadget.request

import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume

/**
 * Makes the requests of one running mini program.
 *
 * ```
 * GadgetClient(config).use { client ->
 *   println(client.request(RequestOptions("https://example.com")).status)
 * }
 * ```
 *
 * At most ten calls are in flight at a time; more wait for a place, first in, first out, and the
 * timeout of a call begins when its turn has come. One more than [ClientConfig.Builder.maxQueued]
 * fails with 111 `too many requests`, one that waits longer than [ClientConfig.Builder.queueTimeoutMs]
 * with 302 `timeout`. [inFlight] and [queued] tell how many there are.
 *
 * It watches neither the network nor the app: the host tells it, by [setOnline], [enterBackground]
 * and [enterForeground].
 *
 * Every call has exactly one outcome. Everything here may be called from any thread, also within a
 * callback, and nothing here waits for the network but by suspending. Connections are kept and used
 * again per client; nothing is opened before the first call. Who made it closes it.
 */
public class GadgetClient internal constructor(private val engine: Engine) : AutoCloseable {
  /**
   * A client with these settings, and what [configure] gives it beside them.
   *
   * ```
   * GadgetClient(config) { cookieStorage = EncryptedCookies(context) }
   * ```
   *
   * @throws IllegalArgumentException a setting cannot be; the message names its field
   */
  @JvmOverloads
  public constructor(config: ClientConfig, configure: Builder.() -> Unit = {}) :
    this(Builder(config).apply(configure).engine())

  /**
   * A client with these settings and this [Builder.cookieStorage].
   *
   * @throws IllegalArgumentException a setting cannot be; the message names its field
   */
  public constructor(config: ClientConfig, cookieStorage: CookieStorage?) :
    this(config, { this.cookieStorage = cookieStorage })

  /**
   * Makes a call and waits for its response, which may have any status.
   *
   * Cancelling the coroutine aborts the call ([RequestTask.abort]). A coroutine that is cancelled
   * already sends nothing.
   *
   * @throws GadgetException there is no response: wrong options, no connection, timeout, closed
   *   client, …
   */
  @Throws(GadgetException::class)
  public suspend fun request(options: RequestOptions): Response =
    when (val outcome = await { completed -> engine.start(options, completed) }) {
      is Outcome.Success -> outcome.response
      is Outcome.Fail -> throw outcome.exception()
    }

  /**
   * Starts a call. [callback] gets its outcome: once, on a thread of the engine, never from within
   * this function. The task returned aborts it.
   */
  public fun enqueue(options: RequestOptions, callback: RequestCallback): RequestTask =
    engine.start(options) { outcome ->
      when (outcome) {
        is Outcome.Success -> callback.onSuccess(outcome.response)
        is Outcome.Fail -> callback.onFail(outcome.exception())
      }
    }

  /**
   * Starts a call of a JavaScript engine. [callback] gets the result object: once, on a thread of
   * the engine, never from within this function. The task returned aborts it.
   *
   * @param optionsJson the options object, as `JSON.stringify` prints it, without `data` where that
   *   is an ArrayBuffer. Text that is no JSON object is the call's outcome too: 104
   * @param body the bytes of that ArrayBuffer, copied before this returns; null: `data` is none. No
   *   bytes and empty bytes differ
   */
  public fun invoke(optionsJson: String, body: ByteArray?, callback: InvokeCallback): RequestTask =
    engine.invoke(optionsJson, body, callback::onComplete)

  /**
   * The same, waiting for the result object, be it for `success` or for `fail`. Cancelling the
   * coroutine aborts the call.
   */
  public suspend fun invoke(optionsJson: String, body: ByteArray? = null): InvokeResult =
    await { completed -> engine.invoke(optionsJson, body, completed) }

  /**
   * Calls that have one of the ten places: those sent, and not yet answered to the last byte. 0
   * once the client is closed.
   */
  public val inFlight: Int
    get() = engine.inFlight

  /** Calls that wait for a place. 0 once the client is closed. */
  public val queued: Int
    get() = engine.queued

  /**
   * The cookies of the client's app: to look at and to change, to carry over to a WebView and back.
   */
  public val cookies: CookieJar
    get() = engine.cookies

  /**
   * Tells whether the device has a network; a client takes it to have one until told otherwise.
   * While it has none, new calls fail with 303 `offline`, and so do those that wait for a place;
   * what is in flight is left alone. A closed client takes no notice.
   *
   * On Android a callback that ConnectivityManager's `registerDefaultNetworkCallback` took can tell
   * it: `onAvailable` is true, `onLost` false, and no `activeNetwork` at the beginning false too.
   */
  public fun setOnline(online: Boolean) {
    engine.setOnline(online)
  }

  /**
   * Tells that the app went to the background. Nothing comes of it, unless there is a time of grace
   * ([ClientConfig.Builder.backgroundGraceMs]): after that time all calls, in flight or waiting,
   * fail with 112 `app in background`, and so do new ones, until [enterForeground]. Telling it
   * twice is telling it once. A closed client takes no notice.
   *
   * On Android an observer of ProcessLifecycleOwner (androidx.lifecycle) can tell it: this in its
   * `onStop`, [enterForeground] in its `onStart`.
   */
  public fun enterBackground() {
    engine.enterBackground()
  }

  /**
   * Tells that the app is in the foreground again: calls are taken as before. What failed stays
   * failed. A closed client takes no notice.
   */
  public fun enterForeground() {
    engine.enterForeground()
  }

  /**
   * Ends the client: what is in flight or waits fails with 301 `client closed`, and so does every
   * later call; listeners to its cookies hear no more. Callbacks still come, each once. It does not
   * wait for them. A second time nothing happens.
   *
   * What has changed of its cookies is saved soon, on a thread of the engine. A host that must know
   * calls [CookieJar.save] first.
   */
  override fun close() {
    engine.close()
  }

  /**
   * Gathers what a client has beside its settings: what only the host's own code can give it. For
   * one thread at a time.
   *
   * @property config the settings
   */
  public class Builder(public var config: ClientConfig) {
    /**
     * Where cookies are kept between runs, in the place of [ClientConfig.Builder.cookieDir]. Null:
     * there.
     */
    public var cookieStorage: CookieStorage? = null

    /** Who is asked for the addresses of hosts before the system is. Null: nobody. */
    public var resolver: HostResolver? = null

    /**
     * A client with what was gathered so far; the builder can be used on.
     *
     * @throws IllegalArgumentException a setting cannot be; the message names its field
     */
    public fun build(): GadgetClient = GadgetClient(engine())

    internal fun engine(): Engine = NativeEngine(config.json, cookieStorage, resolver)
  }

  private suspend fun <T> await(start: ((T) -> Unit) -> RequestTask): T {
    currentCoroutineContext().ensureActive()
    return suspendCancellableCoroutine { continuation ->
      // An outcome that comes behind the cancellation is ignored here.
      val task = start { outcome -> continuation.resume(outcome) }
      continuation.invokeOnCancellation { task.abort() }
    }
  }
}
