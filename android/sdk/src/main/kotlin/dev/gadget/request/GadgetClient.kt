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
 * Every call has exactly one outcome. Everything here may be called from any thread, also within a
 * callback, and nothing here waits for the network but by suspending. Connections are kept and used
 * again per client; nothing is opened before the first call. Who made it closes it.
 */
public class GadgetClient internal constructor(private val engine: Engine) : AutoCloseable {
  /**
   * A client with these settings.
   *
   * @throws IllegalArgumentException a setting cannot be; the message names its field
   */
  public constructor(config: ClientConfig) : this(NativeEngine(config.json))

  /**
   * Makes a call and waits for its response, which may have any status.
   *
   * Cancelling the coroutine aborts the call; its connection is closed, or its stream reset. A
   * coroutine that is cancelled already sends nothing.
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
   * Ends the client: what is running fails with 301 `client closed`, and so does every later call.
   * Callbacks still come, each once. It does not wait for them. A second time nothing happens.
   */
  override fun close() {
    engine.close()
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
