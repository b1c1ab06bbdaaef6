package dev.gadget.request

import com.sun.jna.CallbackThreadInitializer
import com.sun.jna.Native
import dev.gadget.request.generated.Client
import dev.gadget.request.generated.Completion
import dev.gadget.request.generated.ConfigFailure
import dev.gadget.request.generated.InvokeCompletion
import dev.gadget.request.generated.RequestRecord
import dev.gadget.request.generated.ResponseRecord
import dev.gadget.request.generated.Task
import dev.gadget.request.generated.Verdict
import dev.gadget.request.generated.uniffiCallbackInterfaceCompletion
import dev.gadget.request.generated.uniffiCallbackInterfaceCookieObserver
import dev.gadget.request.generated.uniffiCallbackInterfaceCookieStorage
import dev.gadget.request.generated.uniffiCallbackInterfaceHostResolver
import dev.gadget.request.generated.uniffiCallbackInterfaceInvokeCompletion
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicBoolean
import dev.gadget.request.generated.Data as DataRecord
import dev.gadget.request.generated.Header as HeaderRecord
import dev.gadget.request.generated.InvokeResult as InvokeRecord

/**
 * The engine behind the generated code: converts in, converts out, and lets nothing thrown reach
 * it.
 */
internal class NativeEngine(
  configJson: String,
  storage: CookieStorage? = null,
  resolver: HostResolver? = null,
) : Engine {
  private val client: Client
  private val closed = AtomicBoolean()

  init {
    keepThreadsAttached
    val json = jsonInUtf8(configJson)
    client =
      try {
        Client.with(json, storage?.let(::NativeStorage), resolver?.let(::NativeHostResolver))
      } catch (failure: ConfigFailure.Invalid) {
        throw IllegalArgumentException(failure.reason, failure)
      }
  }

  override val cookies = NativeCookieJar(client)

  override fun start(options: RequestOptions, completed: (Outcome) -> Unit): RequestTask {
    val completion = TypedCompletion(completed)
    return call(completion) { client ->
      if (options.isInUtf8()) {
        client.start(record(options), completion)
      } else {
        val bytes = (options.data as? Data.Bytes)?.bytes
        client.startJson(optionsJson(options), bytes?.bounded(), completion)
      }
    }
  }

  override fun invoke(
    optionsJson: String,
    body: ByteArray?,
    completed: (InvokeResult) -> Unit,
  ): RequestTask {
    val completion = JsonCompletion(completed)
    return call(completion) {
      it.invoke(jsonInUtf8(optionsJson.bounded()), body?.bounded(), completion)
    }
  }

  override fun setOnline(online: Boolean) = onClient { it.setOnline(online) }

  override fun enterBackground() = onClient { it.enterBackground() }

  override fun enterForeground() = onClient { it.enterForeground() }

  override val inFlight: Int get() = onClient { it.inFlight() }.toInt()

  override val queued: Int get() = onClient { it.queued() }.toInt()

  override fun close() {
    if (!closed.compareAndSet(false, true)) return
    client.shutdown()
    // Its connections go now, not when the garbage collector comes by.
    client.destroy()
    cookies.close()
  }

  private inline fun call(completion: Any, start: (Client) -> Task): RequestTask {
    underWay[completion] = this
    try {
      return NativeTask(onClient(start))
    } catch (thrown: Throwable) {
      underWay.remove(completion)
      throw thrown
    }
  }

  /** Does it with the client, or with one that is closed where that is gone. */
  private inline fun <T> onClient(action: (Client) -> T): T = try {
    action(client)
  } catch (error: IllegalStateException) {
    // Thrown before anything was handed over, where the client is gone.
    if (!client.uniffiIsDestroyed) throw error
    action(closedClient)
  }

  private class TypedCompletion(private val completed: (Outcome) -> Unit) : Completion {
    override fun completed(verdict: Verdict) {
      underWay.remove(this)
      reportingThrown { completed(outcome(verdict)) }
    }
  }

  private class JsonCompletion(private val completed: (InvokeResult) -> Unit) :
    InvokeCompletion {
    override fun completed(result: InvokeRecord) {
      underWay.remove(this)
      reportingThrown { completed(InvokeResult(result.json, result.arrayBuffer, result.isSuccess)) }
    }
  }

  private companion object {
    /** Calls and their clients: one that nobody holds any more lives until its calls are done. */
    val underWay = ConcurrentHashMap<Any, NativeEngine>()

    /**
     * Answers for the clients that are gone: 301 `client closed`, no call in flight and none in
     * line. What it is told changes nothing.
     */
    val closedClient by lazy { Client("{}").apply { shutdown() } }

    /**
     * The engine's threads become threads of the JVM once, as daemons, not anew for each callback.
     */
    val keepThreadsAttached by lazy {
      val initializer = CallbackThreadInitializer(true, false, "gadget-request")
      listOf(
        uniffiCallbackInterfaceCompletion.completed,
        uniffiCallbackInterfaceInvokeCompletion.completed,
        uniffiCallbackInterfaceCookieObserver.changed,
        uniffiCallbackInterfaceCookieStorage.load,
        uniffiCallbackInterfaceCookieStorage.save,
        uniffiCallbackInterfaceCookieStorage.setAside,
        uniffiCallbackInterfaceHostResolver.resolve,
      ).forEach { Native.setCallbackThreadInitializer(it, initializer) }
    }
  }
}

private class NativeTask(private val task: Task) : RequestTask {
  override val trace: String = task.trace()

  override fun abort() {
    task.abort()
  }
}

/** What is thrown in a callback is the host's to hear of; in the engine it would be a panic. */
internal inline fun reportingThrown(callback: () -> Unit) {
  try {
    callback()
  } catch (thrown: Throwable) {
    val thread = Thread.currentThread()
    runCatching { thread.uncaughtExceptionHandler.uncaughtException(thread, thrown) }
  }
}

private fun outcome(verdict: Verdict): Outcome = when (verdict) {
  is Verdict.Success -> Outcome.Success(response(verdict.response))

  is Verdict.Fail ->
    Outcome.Fail(verdict.errno.toInt(), verdict.errString, verdict.detail, verdict.trace)
}

private fun response(record: ResponseRecord): Response = Response(
  status = record.status.toInt(),
  headers = record.headers.map { Header(it.name, it.value) },
  body = record.body,
  text = record.text,
  json = record.json,
  trace = record.trace,
)

private fun record(options: RequestOptions): RequestRecord = RequestRecord(
  url = options.url.bounded(),
  method = options.method.bounded(),
  headers = options.headers.map { HeaderRecord(it.name.bounded(), it.value.bounded()) },
  data = options.data?.let(::record),
  parseJson = options.parseJson,
  arrayBuffer = options.responseType == ResponseType.ARRAY_BUFFER,
  timeoutMs = options.timeoutMs?.toULong(),
  redirect = options.redirect.word,
)

private fun record(data: Data): DataRecord = when (data) {
  is Data.Text -> DataRecord.Text(data.text.bounded())
  is Data.Json -> DataRecord.Json(jsonInUtf8(data.json.bounded()))
  is Data.Bytes -> DataRecord.Bytes(data.bytes.bounded())
}

private val Redirect.word get() = name.lowercase()

/** Whether a record can carry the text of the options; JSON data is another matter. */
private fun RequestOptions.isInUtf8(): Boolean = url.isInUtf8() &&
  method.isInUtf8() &&
  headers.all { it.name.isInUtf8() && it.value.isInUtf8() } &&
  (data as? Data.Text)?.text?.isInUtf8() != false

/** The options as JSON, which has a way to write what UTF-8 cannot say; the engine refuses it. */
private fun optionsJson(options: RequestOptions): String {
  val headers = JsonObject()
  options.headers.forEach { headers.text(it.name, it.value) }
  val data = options.data
  return JsonObject()
    .text("url", options.url)
    .text("method", options.method)
    .raw("header", headers.toString())
    .text("data", (data as? Data.Text)?.text)
    .raw("data", (data as? Data.Json)?.json?.let(::jsonInUtf8))
    .toString()
    .bounded()
}

/** Options may have 100 MiB (docs/contract.md#1-options-in). */
private const val MAX_BYTES = 100 shl 20

/**
 * What is too long for the engine stays too long, but is not carried over the boundary whole:
 * beyond some hundred MiB that would fail by itself.
 */
private fun String.bounded(): String = when {
  length <= MAX_BYTES + 1 -> this

  // No half of a surrogate pair at the end.
  this[MAX_BYTES].isHighSurrogate() -> substring(0, MAX_BYTES + 2)

  else -> substring(0, MAX_BYTES + 1)
}

private fun ByteArray.bounded(): ByteArray = if (size <= MAX_BYTES) this else copyOf(MAX_BYTES + 1)
