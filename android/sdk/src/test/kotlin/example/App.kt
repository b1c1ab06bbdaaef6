// The parts that a host app adds to the smallest call. docs/android.md shows this file in pieces.
package example

import dev.gadget.request.ClientConfig
import dev.gadget.request.EventListener
import dev.gadget.request.GadgetClient
import dev.gadget.request.GadgetException
import dev.gadget.request.HostResolver
import dev.gadget.request.RequestCallback
import dev.gadget.request.RequestOptions
import dev.gadget.request.RequestTask
import dev.gadget.request.Response
import dev.gadget.request.ResponseHead
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import java.io.File
import java.net.InetAddress
import java.util.concurrent.Executor

/** An app's own JavaScript engine; its functions are called on its own thread. */
interface JavaScriptEngine {
  fun execute(work: () -> Unit)

  fun settle(callId: Int, isSuccess: Boolean, json: String, arrayBuffer: ByteArray?)

  fun hear(callId: Int, headJson: String?, chunk: ByteArray?)
}

// #region client

/** One client for each running mini program of each user. */
fun clientOf(
  appId: String,
  userFolder: File,
  httpDns: (String) -> List<InetAddress>,
): GadgetClient {
  val config = ClientConfig {
    this.appId = appId
    appVersion = "1.2.0"
    cookieDir = File(userFolder, "cookies").path
    allowedHosts = listOf("example.com", "*.example.com")
    allowPrivateAddresses = false
    backgroundGraceMs = 5_000
  }
  return GadgetClient(config) { resolver = HostResolver { host -> httpDns(host) } }
}
// #endregion

// #region executor

/** A client whose callbacks run on the thread of the app's JavaScript engine. */
fun clientOf(config: ClientConfig, javaScript: JavaScriptEngine): GadgetClient =
  GadgetClient(config) { callbackExecutor = Executor { work -> javaScript.execute(work::run) } }
// #endregion

// #region invoke

/** A call of `tt.request`: the options as JSON, and the bytes of `data` if it is an ArrayBuffer. */
fun GadgetClient.call(
  callId: Int,
  optionsJson: String,
  arrayBuffer: ByteArray?,
  javaScript: JavaScriptEngine,
): RequestTask = invoke(optionsJson, arrayBuffer) { result ->
  // The thread of the JavaScript engine.
  javaScript.settle(callId, result.isSuccess, result.json, result.arrayBuffer)
}
// #endregion

// #region events

/** A call of `tt.request` whose task has listeners: they hear of the response while it runs. */
fun GadgetClient.call(callId: Int, optionsJson: String, javaScript: JavaScriptEngine): RequestTask {
  val listener = object : EventListener {
    override fun onHeadersReceived(head: ResponseHead) = javaScript.hear(callId, head.json, null)

    override fun onChunkReceived(chunk: ByteArray) = javaScript.hear(callId, null, chunk)
  }
  return invoke(optionsJson, null, listener) { result ->
    javaScript.settle(callId, result.isSuccess, result.json, result.arrayBuffer)
  }
}
// #endregion

// #region stream

/** Writes a body to a file while it arrives. Cancelling the coroutine aborts the call. */
suspend fun GadgetClient.download(url: String, file: File) {
  stream(RequestOptions(url)) { response ->
    check(response.status == 200) { "status ${response.status}, trace ${response.trace}" }
    withContext(Dispatchers.IO) {
      file.outputStream().use { output -> response.body.collect { output.write(it) } }
    }
  }
}
// #endregion

// #region callback

/** A call by the host app, with a callback on the main thread. */
fun GadgetClient.status(url: String, show: (String) -> Unit): RequestTask = enqueue(
  RequestOptions(url),
  object : RequestCallback {
    override fun onSuccess(response: Response) = show("${response.status}")

    override fun onFail(error: GadgetException) = show("${error.message}, trace ${error.trace}")
  },
)
// #endregion

// #region json

/** An order of the host app's server. */
@Serializable
data class Order(val id: Long, val goods: List<String>)

/** A call whose body becomes an object, away from the main thread. */
suspend fun GadgetClient.order(url: String): Order = withContext(Dispatchers.Default) {
  request(RequestOptions(url)).json { Json.decodeFromString<Order>(it) }
}
// #endregion
