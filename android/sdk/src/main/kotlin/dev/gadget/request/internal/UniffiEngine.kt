package dev.gadget.request.internal

import com.sun.jna.Pointer
import dev.gadget.request.CallObserver
import dev.gadget.request.CookieStorage
import dev.gadget.request.Data
import dev.gadget.request.HostResolver
import dev.gadget.request.InvokeResult
import dev.gadget.request.ProxySelector
import dev.gadget.request.RequestOptions
import dev.gadget.request.ResponseHead
import dev.gadget.request.generated.Client
import dev.gadget.request.generated.Completion
import dev.gadget.request.generated.ConfigFailure
import dev.gadget.request.generated.Events
import dev.gadget.request.generated.InvokeCompletion
import dev.gadget.request.generated.Task
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicBoolean
import dev.gadget.request.generated.InvokeResult as InvokeRecord
import dev.gadget.request.generated.Outcome as OutcomeRecord

/**
 * The engine behind the generated code: for systems without [NativeEngine], and for a second class
 * loader in one process. It is some times slower. It converts values and lets no exception reach
 * the generated code.
 */
internal class UniffiEngine(
  configJson: String,
  storage: CookieStorage? = null,
  resolver: HostResolver? = null,
  observer: CallObserver? = null,
) : Engine {
  private val client: Client
  private val closed = AtomicBoolean()

  init {
    client = generatedClient(jsonInUtf8(configJson), storage, resolver, observer)
  }

  override val cookies = NativeCookieJar { client }

  override fun start(
    options: RequestOptions,
    events: CallEvents?,
    completed: (Outcome) -> Unit,
  ): EngineTask {
    val completion = TypedCompletion(completed)
    val heard = events?.let(::UniffiEvents)
    return call(completion) { client ->
      if (options.isInUtf8()) {
        client.start(record(options), heard, completion)
      } else {
        val bytes = (options.data as? Data.Bytes)?.bytes
        client.startJson(optionsJson(options), bytes?.bounded(), heard, completion)
      }
    }
  }

  override fun invoke(
    optionsJson: String,
    body: ByteArray?,
    events: CallEvents?,
    completed: (InvokeResult) -> Unit,
  ): EngineTask {
    val completion = JsonCompletion(completed)
    val heard = events?.let(::UniffiEvents)
    return call(completion) {
      it.invoke(jsonInUtf8(optionsJson.bounded()), body?.bounded(), heard, completion)
    }
  }

  override fun openPageBridge(settingsJson: String): PageBridge =
    onClient { pageBridge(it, settingsJson) }

  override fun har(): String = onClient { it.har() }

  override fun setOnline(online: Boolean) = onClient { it.setOnline(online) }

  override fun networkChanged() = onClient { it.networkChanged() }

  override fun setProxy(settingsJson: String) = onClient { setProxy(it, settingsJson) }

  override fun setProxySelector(selector: ProxySelector, settingsJson: String?) =
    onClient { setProxySelector(it, selector, settingsJson) }

  override fun enterBackground() = onClient { it.enterBackground() }

  override fun enterForeground() = onClient { it.enterForeground() }

  override val inFlight: Int get() = onClient { it.inFlight() }.toInt()

  override val queued: Int get() = onClient { it.queued() }.toInt()

  override fun close() {
    if (!closed.compareAndSet(false, true)) return
    client.shutdown()
    // Its connections are closed now, not when the garbage collector runs.
    client.destroy()
    cookies.close()
  }

  private inline fun call(completion: Any, start: (Client) -> Task): EngineTask {
    running[completion] = this
    try {
      return UniffiTask(onClient(start))
    } catch (thrown: Throwable) {
      running.remove(completion)
      throw thrown
    }
  }

  /** Runs [action] with the client; with [closedClient] if this one is destroyed. */
  private inline fun <T> onClient(action: (Client) -> T): T = try {
    action(client)
  } catch (error: IllegalStateException) {
    // The generated code throws this before it calls the engine, if the client is destroyed.
    if (!client.uniffiIsDestroyed) throw error
    action(closedClient)
  }

  private class TypedCompletion(private val completed: (Outcome) -> Unit) : Completion {
    override fun completed(outcome: OutcomeRecord) {
      running.remove(this)
      reportingThrown { completed(outcome(outcome)) }
    }
  }

  private class JsonCompletion(private val completed: (InvokeResult) -> Unit) :
    InvokeCompletion {
    override fun completed(result: InvokeRecord) {
      running.remove(this)
      reportingThrown { completed(InvokeResult(result.json, result.arrayBuffer, result.isSuccess)) }
    }
  }

  private companion object {
    /** The engine of each running call: it stays alive until then, even if nobody else holds it. */
    val running = ConcurrentHashMap<Any, UniffiEngine>()

    /**
     * Answers for clients that are destroyed: calls fail with 301 `client closed`, and none is in
     * flight or queued. Reports to it have no effect.
     */
    val closedClient by lazy { Client.with("{}", null, null).apply { shutdown() } }
  }
}

/** A client of the generated code. Its callbacks are for the engine's threads. */
internal fun generatedClient(
  json: String,
  storage: CookieStorage?,
  resolver: HostResolver?,
  observer: CallObserver?,
): Client = refusingInvalid {
  keepThreadsAttached
  val heard = observer?.let(::NativeCallObserver)
  Client.with(json, storage?.let(::NativeCookieStorage), resolver?.let(::NativeHostResolver))
    .apply { heard?.let(::setObserver) }
}

internal inline fun <T> refusingInvalid(action: () -> T): T = try {
  action()
} catch (failure: ConfigFailure.Invalid) {
  throw IllegalArgumentException(failure.reason, failure)
}

private class UniffiTask(private val task: Task) : EngineTask {
  override val trace: String = task.trace()

  override fun abort() {
    task.abort()
  }

  override fun resume() {
    task.resume()
  }
}

private class UniffiEvents(private val events: CallEvents) : Events {
  override fun receivedHeaders(status: UShort, parts: ULong, count: ULong) = reportingThrown {
    val places = Pointer(parts.toLong()).getLongArray(0, 2 * count.toInt()).asList().chunked(2)
    val texts = places.map { (address, length) -> bytes(address, length).decodeToString() }
    val json = TextPart(texts.first())
    events.headers(ResponseHead(status.toInt(), textBytes(texts.drop(1)), json))
  }

  override fun receivedChunk(address: ULong, length: ULong) = reportingThrown {
    events.chunk(bytes(address.toLong(), length.toLong()))
  }

  /** Copies bytes out of the engine's memory. */
  private fun bytes(address: Long, length: Long): ByteArray =
    if (length == 0L) ByteArray(0) else Pointer(address).getByteArray(0, length.toInt())
}
