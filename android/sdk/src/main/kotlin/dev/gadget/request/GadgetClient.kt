package dev.gadget.request

import dev.gadget.request.internal.Engine
import dev.gadget.request.internal.EventRelay
import dev.gadget.request.internal.JsonObject
import dev.gadget.request.internal.NativeEngine
import dev.gadget.request.internal.NativeLibrary
import dev.gadget.request.internal.Outcome
import dev.gadget.request.internal.Streaming
import dev.gadget.request.internal.UniffiEngine
import dev.gadget.request.internal.awaited
import dev.gadget.request.internal.deliver
import dev.gadget.request.internal.jsonTexts
import dev.gadget.request.internal.mainThread
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import java.util.concurrent.Executor

/**
 * Makes the requests of one running mini program.
 *
 * ```
 * GadgetClient(config).use { client ->
 *   println(client.request(RequestOptions("https://example.com")).status)
 * }
 * ```
 *
 * At most ten calls are in flight at a time. More calls are queued, first in, first out; the
 * timeout of a call begins when it leaves the queue. A call fails with 111 `too many requests` if
 * the queue is full ([ClientConfig.Builder.maxQueued]), and with 302 `timeout` if it waits longer
 * than [ClientConfig.Builder.queueTimeoutMs] (docs/contract.md#7-the-gate).
 *
 * A client watches neither the network nor the host app: the host app calls [setOnline],
 * [networkChanged], [enterBackground] and [enterForeground]. On Android, a [NetworkObserver] and a
 * [ForegroundObserver] do.
 *
 * Every call has exactly one outcome. All functions may be called from any thread, also within a
 * callback. None blocks its thread until the network answers. A client has its own connections,
 * which it reuses; it opens none before the first call. Whoever makes a client closes it.
 */
public class GadgetClient
internal constructor(
  internal val engine: Engine,
  private val callbackExecutor: Executor? = null,
) : AutoCloseable {
  /**
   * Makes a client. In Java, [Builder] takes the place of [configure].
   *
   * ```
   * GadgetClient(config) { cookieStorage = EncryptedCookies(file, ::key) }
   * ```
   *
   * @param config the settings
   * @param configure sets what only the host app can do
   * @throws IllegalArgumentException a setting is invalid; the message names its field
   */
  @JvmOverloads
  public constructor(config: ClientConfig, configure: Builder.() -> Unit = {}) :
    this(Builder(config).apply(configure))

  private constructor(builder: Builder) :
    this(builder.engine(), builder.callbackExecutor ?: mainThread())

  /**
   * Makes a call and waits for its response, which may have any status.
   *
   * If the coroutine is cancelled, the call is aborted ([RequestTask.abort]). If it is cancelled
   * already, nothing is sent. The coroutine goes on through its own dispatcher;
   * [Builder.callbackExecutor] does not count. In Java, [enqueue] takes the place of this function.
   *
   * @throws GadgetException there is no response: wrong options, no connection, timeout, closed
   *   client, …
   */
  @Throws(GadgetException::class)
  public suspend fun request(options: RequestOptions): Response =
    when (val outcome = awaited { completed -> engine.start(options, completed = completed) }) {
      is Outcome.Success -> outcome.response
      is Outcome.Fail -> throw outcome.exception()
    }

  /**
   * Makes a call and reads its response while it arrives. [block] gets the response as soon as its
   * head is there, with any status; its body is a flow.
   *
   * ```
   * client.stream(options) { response ->
   *   check(response.status == 200)
   *   response.body.collect { file.write(it) }
   * }
   * ```
   *
   * The call lasts as long as the block: if that returns or throws before the end of the body, the
   * call is aborted, and so it is if the coroutine is cancelled. If the coroutine is cancelled
   * already, nothing is sent. The size of the body has the limit
   * [ClientConfig.Builder.maxStreamedBytes]. As in [request], the coroutine goes on through its own
   * dispatcher, and no thread waits. In Java, [enqueue] with a listener takes the place of this
   * function.
   *
   * A flow that is cold, and makes the call when it is collected:
   *
   * ```
   * val pieces = flow { client.stream(options) { emitAll(it.body) } }
   * ```
   *
   * @return what [block] returns
   * @throws GadgetException there is no response. What fails after the head is thrown by the
   *   collecting of [StreamedResponse.body]
   */
  @Throws(GadgetException::class)
  public suspend fun <T> stream(
    options: RequestOptions,
    block: suspend (StreamedResponse) -> T,
  ): T {
    currentCoroutineContext().ensureActive()
    val streaming = Streaming()
    val chunked = options.newBuilder().apply { enableChunked = true }.build()
    val task = engine.start(chunked, streaming, streaming::completed)
    try {
      return block(StreamedResponse(streaming.head(), task, streaming))
    } finally {
      // Has no effect at the end of the body.
      task.abort()
    }
  }

  /**
   * Starts a call. [callback] gets its outcome, once, on [Builder.callbackExecutor] (on Android the
   * main thread by default), never from within this function.
   *
   * @return the task, which can abort the call
   */
  public fun enqueue(options: RequestOptions, callback: RequestCallback): RequestTask =
    engine.start(options) { outcome -> callbackExecutor.deliver { callback.settle(outcome) } }

  /**
   * Starts a call. [listener] hears of its response while it runs, and [callback] gets its outcome,
   * once, after that; both on [Builder.callbackExecutor], one at a time.
   *
   * @return the task, which can abort the call
   */
  public fun enqueue(
    options: RequestOptions,
    listener: EventListener,
    callback: RequestCallback,
  ): RequestTask {
    val relay = EventRelay(callbackExecutor, listener)
    val task = engine.start(options, relay) { outcome ->
      relay.completed(outcome is Outcome.Success) { callback.settle(outcome) }
    }
    return relay.started(task)
  }

  /**
   * Starts a call of a JavaScript engine. [callback] gets the result object, once, on
   * [Builder.callbackExecutor], never from within this function. If that is the JavaScript engine's
   * own thread, the callback can settle the call there at once.
   *
   * @param optionsJson the options object as `JSON.stringify` prints it, without `data` if that is
   *   an ArrayBuffer. If the text is not a JSON object, the call fails with 104
   * @param body the bytes of that ArrayBuffer, copied before this returns; null if `data` is none.
   *   Null and an empty array differ
   * @return the task, which can abort the call
   */
  public fun invoke(optionsJson: String, body: ByteArray?, callback: InvokeCallback): RequestTask =
    engine.invoke(optionsJson, body) { result ->
      callbackExecutor.deliver { callback.onComplete(result) }
    }

  /**
   * Starts a call of a JavaScript engine whose mini program hears of the response while the call
   * runs: [listener] gets what its `onHeadersReceived` and `onChunkReceived` are for
   * ([ResponseHead.json]). All is as in the other [invoke]; the result comes after the events.
   *
   * @param optionsJson as in the other [invoke]
   * @param body as in the other [invoke]
   * @return the task, which can abort the call
   */
  public fun invoke(
    optionsJson: String,
    body: ByteArray?,
    listener: EventListener,
    callback: InvokeCallback,
  ): RequestTask {
    val relay = EventRelay(callbackExecutor, listener)
    val task = engine.invoke(optionsJson, body, relay) { result ->
      relay.completed(result.isSuccess) { callback.onComplete(result) }
    }
    return relay.started(task)
  }

  /**
   * Makes a call of a JavaScript engine and waits for the result object, which is for `success` or
   * for `fail`. If the coroutine is cancelled, the call is aborted. It goes on through its own
   * dispatcher, as in [request].
   *
   * @param optionsJson as in the other [invoke]
   * @param body as in the other [invoke]
   */
  public suspend fun invoke(optionsJson: String, body: ByteArray? = null): InvokeResult =
    awaited { completed -> engine.invoke(optionsJson, body, completed = completed) }

  /**
   * The number of calls in flight: they hold one of the ten places until the last byte of their
   * response. 0 if the client is closed.
   */
  public val inFlight: Int
    get() = engine.inFlight

  /** The number of queued calls: they wait for a place. 0 if the client is closed. */
  public val queued: Int
    get() = engine.queued

  /**
   * The requests and responses that ended last, at most [ClientConfig.Builder.harExchanges], as
   * [HAR 1.2](http://www.softwareishard.com/blog/har-12-spec/): JSON for the network panel of a
   * browser. A client that is closed has none. It may take some milliseconds.
   */
  public fun har(): String = engine.har()

  /** The cookies of the client, for the host app. */
  public val cookies: CookieJar
    get() = engine.cookies

  /**
   * Reports whether the device has a network. A new client assumes that it has one. While there is
   * none, new and queued calls fail with 303 `offline`; calls in flight go on. When it has a
   * network again, that counts as another one, as after [networkChanged]. Has no effect on a closed
   * client.
   *
   * On Android, a [NetworkObserver] calls it.
   */
  public fun setOnline(online: Boolean) {
    engine.setOnline(online)
  }

  /**
   * Reports that the device has another network, for example mobile data in place of Wi-Fi. Idle
   * connections are closed at once. Calls in flight finish on their connections; new calls open new
   * ones, and names are looked up anew. A call that is still opening its connection begins that
   * again. Nothing that was sent is sent again because of this. Has no effect on a closed client.
   *
   * On Android, a [NetworkObserver] calls it.
   */
  public fun networkChanged() {
    engine.networkChanged()
  }

  /**
   * Takes another proxy, or none, in place of [ClientConfig.Builder.proxy],
   * [ClientConfig.Builder.proxyBypass] and a [ProxySelector]. Calls in flight finish on their
   * connections; for all others it counts as [networkChanged]. Has no effect on a closed client.
   *
   * @param proxy a URL as in [ClientConfig.Builder.proxy]; null for no proxy
   * @param bypass the hosts that are reached without it, as in [ClientConfig.Builder.proxyBypass]
   * @throws IllegalArgumentException one is invalid; the client keeps its proxy
   */
  @JvmOverloads
  public fun setProxy(proxy: String?, bypass: List<String> = emptyList()) {
    engine.setProxy(JsonObject().text("proxy", proxy).texts("proxy_bypass", bypass).toString())
  }

  /**
   * Asks [selector] for the proxy of each request from now on. Apart from that, the same as
   * [setProxy].
   *
   * @param bypass the hosts for which it is not asked. Default, null:
   *   [ClientConfig.Builder.proxyBypass]
   * @throws IllegalArgumentException a host is invalid; the client keeps its proxy
   */
  @JvmOverloads
  public fun setProxySelector(selector: ProxySelector, bypass: List<String>? = null) {
    val settings = bypass?.let { JsonObject().raw("proxy_bypass", jsonTexts(it)).toString() }
    engine.setProxySelector(selector, settings)
  }

  /**
   * Reports that the host app is in the background. After the grace period
   * ([ClientConfig.Builder.backgroundGraceMs]) all calls fail with 112 `app in background`, in
   * flight, queued and new, until [enterForeground]. If no grace period is set, calls go on.
   * Calling it twice is the same as calling it once. Has no effect on a closed client.
   *
   * On Android, a [ForegroundObserver] calls it.
   */
  public fun enterBackground() {
    engine.enterBackground()
  }

  /**
   * Reports that the host app is in the foreground again. New calls are taken again; calls that
   * have failed stay failed. After more than 30 seconds in the background, it counts as
   * [networkChanged] too, and calls whose timeout has passed meanwhile fail with 302 `timeout`. The
   * time that the device slept counts. Has no effect on a closed client.
   */
  public fun enterForeground() {
    engine.enterForeground()
  }

  /**
   * Ends the client. All its calls, in flight and queued, fail with 301 `client closed`, and so
   * does every later call. Each callback still comes, once; this function does not wait for them.
   * Listeners of its cookies get no more changes. Has no effect if the client is closed already.
   *
   * Changed cookies are saved soon, on a thread of the engine. A host app that must know calls
   * [CookieJar.save] first.
   */
  override fun close() {
    engine.close()
  }

  /**
   * Sets what only the host app can do. In Kotlin it is the receiver in the constructor of
   * [GadgetClient]. In Java it makes the client:
   *
   * ```java
   * GadgetClient.Builder builder = new GadgetClient.Builder(config);
   * builder.setResolver(resolver);
   * GadgetClient client = builder.build();
   * ```
   *
   * For one thread at a time.
   *
   * @param config the settings
   */
  public class Builder(private val config: ClientConfig) {
    /**
     * Keeps the cookies between runs, in place of [ClientConfig.Builder.cookieDir]. Default, null:
     * that folder, if it is set.
     */
    public var cookieStorage: CookieStorage? = null

    /** Finds the addresses of hosts. Default, null: the system does. */
    public var resolver: HostResolver? = null

    /** Hears what happens to all calls of the client. Default, null: nobody does. */
    public var observer: CallObserver? = null

    /**
     * Chooses the proxy of each request, in place of [ClientConfig.Builder.proxy]. [SystemProxy]
     * asks the system. Default, null: that setting.
     */
    public var proxySelector: ProxySelector? = null

    /**
     * Where the callbacks of [enqueue] and [invoke] run. Each is given to it once. Default, null:
     * on Android the main thread. Where there is none, as on a plain JVM or with the `android.jar`
     * of local unit tests, a thread of the engine ([ENGINE_THREADS]).
     *
     * A host app with a JavaScript engine sets the thread of that engine:
     *
     * ```
     * callbackExecutor = Executor { work ->
     *   if (!javaScriptHandler.post(work)) throw RejectedExecutionException()
     * }
     * ```
     *
     * If `execute` throws, the callback comes all the same, once, on a thread of the engine. A
     * `RejectedExecutionException`, as of an executor that was shut down, is not reported; anything
     * else goes to that thread's uncaught exception handler. If the executor takes a callback and
     * drops it without an exception, the callback is lost.
     *
     * It does not count for suspend functions, whose coroutines have a dispatcher; nor for
     * [CookieListener], [HostResolver], [ProxySelector], [CookieStorage] and [GadgetBridge].
     */
    public var callbackExecutor: Executor? = null

    /**
     * Makes a client. The builder may be changed and used again.
     *
     * @throws IllegalArgumentException a setting is invalid; the message names its field
     */
    public fun build(): GadgetClient = GadgetClient(this)

    internal fun engine(): Engine = when (NativeLibrary.isLoaded) {
      true -> NativeEngine(config.json, cookieStorage, resolver, observer)
      false -> UniffiEngine(config.json, cookieStorage, resolver, observer)
    }.also { engine -> proxySelector?.let { engine.setProxySelector(it, null) } }
  }

  /** A choice for [Builder.callbackExecutor]. */
  public companion object {
    /**
     * For [Builder.callbackExecutor]: callbacks run on the thread of the engine on which their call
     * ends. That saves the way to another thread.
     *
     * All clients share these few threads, two by default. So a callback must not block, and hands
     * long work to another thread. The engine logs a warning if it takes over 100 ms. Still, no
     * callback comes from within [enqueue] or [invoke].
     */
    @JvmField
    public val ENGINE_THREADS: Executor = Executor { it.run() }
  }

  private fun RequestCallback.settle(outcome: Outcome) = when (outcome) {
    is Outcome.Success -> onSuccess(outcome.response)
    is Outcome.Fail -> onFail(outcome.exception())
  }
}
