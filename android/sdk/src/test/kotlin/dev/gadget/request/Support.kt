package dev.gadget.request

import dev.gadget.request.internal.NativeEngine
import dev.gadget.request.internal.UniffiEngine
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertThrows
import java.io.File
import java.net.InetAddress
import java.net.URI
import java.net.URLEncoder
import java.util.Base64
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.runBlocking as blocking

/** The test server that scripts/with-server has started. */
internal object Server {
  val http: String = environment("GADGET_HTTP")
  val https: String = environment("GADGET_HTTPS")

  val httpPort: Int = URI(http).port
  val httpsPort: Int = URI(https).port

  /** The certificate of its issuer, as PEM. */
  val ca: String = File(environment("GADGET_CA")).readText()

  /** A configuration that trusts it, and resolves www.toutiao.com to it. */
  val config: ClientConfig = ClientConfig.ofJson(environment("GADGET_CONFIG"))

  private val client = GadgetClient(config)
  private val names = AtomicInteger()

  private fun environment(name: String): String =
    requireNotNull(System.getenv(name)) { "$name is not set: run scripts/test-kotlin" }

  /** A name of a counter that no other test uses. */
  fun counter(): String = "kotlin-${ProcessHandle.current().pid()}-${names.incrementAndGet()}"

  /**
   * `in_flight`, `max_in_flight`, `total` or `sent` (bytes of long bodies) of the requests with
   * `counter=NAME` in the query.
   */
  fun count(counter: String, what: String): Int =
    parsed(ask("$http/counters/$counter"))[what]!!.jsonPrimitive.int

  /** Releases some requests that `/hold/NAME` holds. Later requests count too. */
  fun release(name: String, count: Int) {
    ask("$http/release/$name?count=$count")
  }

  /** The request as the server received it. */
  fun received(trace: String): Received = Received(parsed(ask("$http/received/$trace")))

  private fun ask(url: String): String =
    checkNotNull(blocking { client.request(RequestOptions(url)) }.text)
}

/** A request as the server received it. */
internal class Received(private val json: JsonObject) {
  val method: String get() = json["method"].text
  val target: String get() = json["target"].text
  val body: ByteArray get() = Base64.getDecoder().decode(json["body_base64"].text)

  /** The values of a header with exactly this name. */
  fun headers(name: String): List<String> = json["headers"]!!.jsonArray.map {
    it.jsonArray
  }.filter { it[0].text == name }.map { it[1].text }
}

internal fun parsed(json: String): JsonObject = Json.parseToJsonElement(json).jsonObject

internal val JsonElement?.text: String get() = (this as JsonPrimitive).content

/** Keeps all outcomes of a call, so that a second one would be noticed. */
internal class Recorder :
  RequestCallback,
  InvokeCallback {
  private val outcomes = LinkedBlockingQueue<Any>()

  @Volatile
  var thread: Thread? = null
    private set

  override fun onSuccess(response: Response) = keep(response)

  override fun onFail(error: GadgetException) = keep(error)

  override fun onComplete(result: InvokeResult) = keep(result)

  private fun keep(outcome: Any) {
    thread = Thread.currentThread()
    outcomes.put(outcome)
  }

  fun outcome(): Any = checkNotNull(outcomes.poll(10, TimeUnit.SECONDS)) { "no outcome" }

  fun error(): GadgetException = outcome() as GadgetException

  /** The number of outcomes that were not taken. */
  val others: Int get() = outcomes.size
}

/** Waits until a condition holds that another thread causes. Fails after ten seconds. */
internal fun eventually(what: String, holds: () -> Boolean) {
  repeat(2000) {
    if (holds()) return
    Thread.sleep(5)
  }
  error("never came true: $what")
}

/** The number that a counter keeps once nothing moves any more. */
internal fun settled(count: () -> Int): Int {
  var (now, unchanged) = count() to 0
  while (unchanged < 20) {
    Thread.sleep(20)
    val before = now
    now = count()
    unchanged = if (now == before) unchanged + 1 else 0
  }
  return now
}

/** Runs a test over both ways to the engine: JNI, and the generated code. */
internal fun onBothWays(
  config: ClientConfig = Server.config,
  test: suspend (GadgetClient) -> Unit,
) {
  for (engine in listOf(NativeEngine(config.json), UniffiEngine(config.json))) {
    GadgetClient(engine).use { client -> blocking { test(client) } }
  }
}

/** Raises a maximum. Android 6, which the tests are compiled against, has no function for it. */
internal fun AtomicInteger.raiseTo(value: Int) {
  do {
    val now = get()
  } while (value > now && !compareAndSet(now, value))
}

/** Runs a block, which may suspend, with a client. */
internal fun <T> withClient(
  config: ClientConfig = Server.config,
  block: suspend (GadgetClient) -> T,
): T = GadgetClient(config).use { client -> blocking { block(client) } }

/** The request of a call to a URL at which the server echoes it. */
internal suspend fun GadgetClient.echoed(
  url: String,
  configure: RequestOptions.Builder.() -> Unit = {},
): Received = Received(parsed(request(RequestOptions(url, configure)).json!!))

/** A URL that redirects to another. */
internal fun redirecting(to: String, status: Int = 302): String =
  "${Server.http}/redirect/$status?to=${encoded(to)}"

/** Text as a value in a query. */
internal fun encoded(text: String): String = URLEncoder.encode(text, "UTF-8")

/** The error of a call that must fail. */
internal suspend fun GadgetClient.errorOf(options: RequestOptions): GadgetException = try {
  error("a response: ${request(options)}")
} catch (error: GadgetException) {
  error
}

/** A URL that answers with these `Set-Cookie` lines. */
internal fun setting(vararg lines: String): String {
  val query = lines.joinToString("&") { "line=" + encoded(it) }
  return "${Server.http}/cookies/set?$query"
}

/** Makes the server set cookies. */
internal suspend fun GadgetClient.set(vararg lines: String): Response =
  request(RequestOptions(setting(*lines)))

/** The `cookie` lines of a request with this `Cookie` header, as the server receives them. */
internal suspend fun GadgetClient.sent(callers: String? = null): List<String> {
  val options = RequestOptions("${Server.http}/cookies") {
    callers?.let { header("Cookie", it) }
  }
  return parsed(request(options).json!!)["cookie"]!!.jsonArray.map { it.text }
}

internal fun address(vararg bytes: Int): InetAddress =
  InetAddress.getByAddress(ByteArray(bytes.size) { bytes[it].toByte() })

/** The message of a refusal. */
internal fun refusal(action: () -> Unit): String =
  assertThrows(IllegalArgumentException::class.java, action).message!!

internal val CookieJar.pairs: List<String> get() = list().map { "${it.name}=${it.value}" }
