package dev.gadget.request.internal

import dev.gadget.request.CallObserver
import dev.gadget.request.CookieStorage
import dev.gadget.request.Data
import dev.gadget.request.HostResolver
import dev.gadget.request.InvokeResult
import dev.gadget.request.ProxySelector
import dev.gadget.request.Redirect
import dev.gadget.request.RequestOptions
import dev.gadget.request.ResponseType
import dev.gadget.request.generated.Client
import java.lang.ref.PhantomReference
import java.lang.ref.ReferenceQueue
import java.util.concurrent.ConcurrentHashMap

/**
 * The engine over JNI. Calls go through [NativeCalls] alone. What is rare, such as cookies and
 * pages, goes through the generated code, which is loaded only then.
 */
internal class NativeEngine(
  configJson: String,
  storage: CookieStorage? = null,
  resolver: HostResolver? = null,
  observer: CallObserver? = null,
) : Engine {
  private var generated: Client? = null
  private val number: Long
  private var isClosed = false

  init {
    val json = jsonInUtf8(configJson)
    if (storage == null && resolver == null && observer == null) {
      number = NativeCalls.open(json.encodeToByteArray())
    } else {
      val client = generatedClient(json, storage, resolver, observer)
      number = client.number().toLong()
      generated = client
    }
    Forgotten.closeAll()
    Forgotten(this, number)
  }

  override val cookies = NativeCookieJar(::client)

  override fun start(
    options: RequestOptions,
    events: CallEvents?,
    completed: (Outcome) -> Unit,
  ): EngineTask {
    val call = TypedCall(this, events, completed)
    if (options.isInUtf8()) return task(start(options, call))
    val json = optionsJson(options).encodeToByteArray()
    val bytes = (options.data as? Data.Bytes)?.bytes?.bounded()
    return task(NativeCalls.startJson(number, json, bytes, events != null, call))
  }

  private fun start(options: RequestOptions, call: TypedCall): String {
    val texts = ArrayList<String>(2 + 2 * options.headers.size)
    texts += options.url.bounded()
    texts += options.method.bounded()
    for (header in options.headers) {
      texts += header.name.bounded()
      texts += header.value.bounded()
    }
    val data = options.data?.let(::bytes)
    val timeoutMs = options.timeoutMs ?: 0
    val flags = flags(options) or if (call.events != null) NativeCalls.HEARS else 0
    return NativeCalls.start(number, flags, timeoutMs, textBytes(texts), data, call)
  }

  override fun invoke(
    optionsJson: String,
    body: ByteArray?,
    events: CallEvents?,
    completed: (InvokeResult) -> Unit,
  ): EngineTask {
    val options = jsonInUtf8(optionsJson.bounded()).encodeToByteArray()
    val call = JsonCall(this, events, completed)
    return task(NativeCalls.invoke(number, options, body?.bounded(), events != null, call))
  }

  override fun openPageBridge(settingsJson: String): PageBridge {
    keepThreadsAttached
    return Client.ofNumber(number.toULong()).use { pageBridge(it, settingsJson) }
  }

  override fun har(): String {
    keepThreadsAttached
    return Client.ofNumber(number.toULong()).use { it.har() }
  }

  override fun setOnline(online: Boolean) = NativeCalls.setOnline(number, online)

  override fun networkChanged() = NativeCalls.networkChanged(number)

  override fun setProxy(settingsJson: String) =
    Client.ofNumber(number.toULong()).use { setProxy(it, settingsJson) }

  override fun setProxySelector(selector: ProxySelector, settingsJson: String?) =
    Client.ofNumber(number.toULong()).use { setProxySelector(it, selector, settingsJson) }

  override fun enterBackground() = NativeCalls.setBackground(number, true)

  override fun enterForeground() = NativeCalls.setBackground(number, false)

  override val inFlight: Int get() = NativeCalls.inFlight(number)

  override val queued: Int get() = NativeCalls.queued(number)

  @Synchronized
  override fun close() {
    if (isClosed) return
    isClosed = true
    NativeCalls.close(number)
    generated?.destroy()
    cookies.close()
  }

  /** The client of the generated code. */
  @Synchronized
  private fun client(): Client = generated ?: run {
    keepThreadsAttached
    val client = Client.ofNumber(number.toULong())
    if (isClosed) client.destroy()
    generated = client
    client
  }

  /** Frees the client of an engine that nobody holds any more, and that nobody has closed. */
  private class Forgotten(engine: NativeEngine, private val number: Long) :
    PhantomReference<NativeEngine>(engine, queue) {
    init {
      all += this
    }

    companion object {
      private val queue = ReferenceQueue<NativeEngine>()
      private val all: MutableSet<Forgotten> = ConcurrentHashMap.newKeySet()

      /** Called now and then instead of a thread that waits. */
      fun closeAll() {
        while (true) {
          val forgotten = queue.poll() as Forgotten? ?: return
          all -= forgotten
          NativeCalls.forget(forgotten.number)
        }
      }
    }
  }
}

private fun task(trace: String) = object : EngineTask {
  override val trace = trace

  override fun abort() = NativeCalls.abort(trace)

  override fun resume() = NativeCalls.resume(trace)
}

private fun flags(options: RequestOptions): Int {
  var flags = 0
  if (options.parseJson) flags = flags or NativeCalls.PARSE_JSON
  if (options.responseType == ResponseType.ARRAY_BUFFER) flags = flags or NativeCalls.ARRAY_BUFFER
  if (options.enableChunked) flags = flags or NativeCalls.ENABLE_CHUNKED
  flags = flags or when (options.redirect) {
    Redirect.FOLLOW -> 0
    Redirect.MANUAL -> NativeCalls.REDIRECT_MANUAL
    Redirect.ERROR -> NativeCalls.REDIRECT_ERROR
  }
  return flags or when (options.data) {
    is Data.Json -> NativeCalls.DATA_IS_JSON
    is Data.Bytes -> NativeCalls.DATA_IS_BYTES
    is Data.Text, null -> 0
  }
}

private fun bytes(data: Data): ByteArray = when (data) {
  is Data.Text -> data.text.bounded().encodeToByteArray()
  is Data.Json -> jsonInUtf8(data.json.bounded()).encodeToByteArray()
  is Data.Bytes -> data.bytes.bounded()
}
