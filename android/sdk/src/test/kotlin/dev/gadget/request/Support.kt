package dev.gadget.request

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.io.File
import java.net.InetAddress
import java.net.URI
import java.net.URLEncoder
import java.util.Base64
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.runBlocking as blocking

/** The test server, as scripts/with-server tells of it. */
internal object Server {
  val http: String = environment("GADGET_HTTP")
  val https: String = environment("GADGET_HTTPS")

  val httpPort: Int = URI(http).port
  val httpsPort: Int = URI(https).port

  /** The certificate that vouches for it, as PEM. */
  val ca: String = File(environment("GADGET_CA")).readText()

  /** A configuration that trusts it, and knows www.toutiao.com as its name. */
  val config: ClientConfig = ClientConfig.ofJson(environment("GADGET_CONFIG"))

  private val client = GadgetClient(config)
  private val names = AtomicInteger()

  private fun environment(name: String): String =
    requireNotNull(System.getenv(name)) { "$name is not set: run scripts/test-kotlin" }

  /** A name no other test counts under. */
  fun counter(): String = "kotlin-${ProcessHandle.current().pid()}-${names.incrementAndGet()}"

  /** `in_flight`, `max_in_flight` or `total` of the requests with `counter=NAME` in their query. */
  fun count(counter: String, what: String): Int =
    parsed(ask("$http/counters/$counter"))[what]!!.jsonPrimitive.int

  /** Lets so many of the requests go that `/hold/NAME` holds, those that come later too. */
  fun release(name: String, count: Int) {
    ask("$http/release/$name?count=$count")
  }

  /** The request as the server got it. */
  fun received(trace: String): Received = Received(parsed(ask("$http/received/$trace")))

  private fun ask(url: String): String =
    checkNotNull(blocking { client.request(RequestOptions(url)) }.text)
}

/** A request as the server got it. */
internal class Received(private val json: JsonObject) {
  val method: String get() = json["method"].text
  val target: String get() = json["target"].text
  val body: ByteArray get() = Base64.getDecoder().decode(json["body_base64"].text)

  /** The values of a header whose name is spelt so. */
  fun headers(name: String): List<String> = json["headers"]!!.jsonArray.map {
    it.jsonArray
  }.filter { it[0].text == name }.map { it[1].text }
}

internal fun parsed(json: String): JsonObject = Json.parseToJsonElement(json).jsonObject

internal val JsonElement?.text: String get() = (this as JsonPrimitive).content

/** Keeps what a call came to: all of it, so that a second outcome would be seen. */
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

  /** How many came beside those taken. */
  val others: Int get() = outcomes.size
}

/** Waits until something holds that another thread brings about; fails after ten seconds. */
internal fun eventually(what: String, holds: () -> Boolean) {
  repeat(2000) {
    if (holds()) return
    Thread.sleep(5)
  }
  error("never came true: $what")
}

/** With a client, a block that may suspend. */
internal fun <T> withClient(
  config: ClientConfig = Server.config,
  block: suspend (GadgetClient) -> T,
): T = GadgetClient(config).use { client -> blocking { block(client) } }

/** The request that a call ended with, where the server echoes it. */
internal suspend fun GadgetClient.echoed(
  url: String,
  configure: RequestOptions.Builder.() -> Unit = {},
): Received = Received(parsed(request(RequestOptions(url, configure)).json!!))

/** A URL from which the server redirects to another. */
internal fun redirecting(to: String, status: Int = 302): String =
  "${Server.http}/redirect/$status?to=${encoded(to)}"

/** Text as a value in a query. */
internal fun encoded(text: String): String = URLEncoder.encode(text, Charsets.UTF_8)

/** Why a call failed. */
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

/** Has the server set cookies. */
internal suspend fun GadgetClient.set(vararg lines: String): Response =
  request(RequestOptions(setting(*lines)))

/** The `cookie` lines that the server gets of a request with this `Cookie` header. */
internal suspend fun GadgetClient.sent(callers: String? = null): List<String> {
  val options = RequestOptions("${Server.http}/cookies") {
    callers?.let { header("Cookie", it) }
  }
  return parsed(request(options).json!!)["cookie"]!!.jsonArray.map { it.text }
}

internal fun address(vararg bytes: Int): InetAddress =
  InetAddress.getByAddress(ByteArray(bytes.size) { bytes[it].toByte() })
