// Calls the test server in each way that the library has, and checks what comes back.
package consumer

import dev.gadget.request.ClientConfig
import dev.gadget.request.Errno
import dev.gadget.request.GadgetClient
import dev.gadget.request.GadgetException
import dev.gadget.request.HostResolver
import dev.gadget.request.RequestOptions
import kotlinx.coroutines.runBlocking
import java.io.File
import java.net.InetAddress
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.TimeUnit

private val http = System.getenv("GADGET_HTTP")
private val httpsPort = System.getenv("GADGET_HTTPS").substringAfterLast(':')

fun main() {
  val config = ClientConfig {
    appId = "cli_consumer"
    rootsPem = File(System.getenv("GADGET_CA")).readText()
    resolve = listOf("www.toutiao.com:$httpsPort:127.0.0.1:$httpsPort")
  }
  GadgetClient(config).use { runBlocking { overJni(it) } }
  val asked = CopyOnWriteArrayList<String>()
  val client = GadgetClient(ClientConfig()) {
    resolver = HostResolver { host ->
      asked += host
      listOf(InetAddress.getLoopbackAddress())
    }
  }
  client.use(::overJna)
  equal(listOf("www.example.com"), asked)
  println("all calls as they should be")
}

/** Calls: with suspend functions, with a callback in Java, as JSON, and one that fails. */
private suspend fun overJni(client: GadgetClient) {
  val options = RequestOptions("https://www.toutiao.com:$httpsPort/status/404?body=gone")
  val response = client.request(options)
  equal(404, response.status)
  equal("gone", response.text)
  equal("here", JavaCall.get(client, "$http/status/200?body=here").get(10, TimeUnit.SECONDS))
  val result = client.invoke("""{"url":"$http/status/201?body=made"}""")
  equal(true, result.isSuccess)
  equal(true, "\"data\":\"made\"" in result.json)
  val error = try {
    client.request(RequestOptions("ftp://www.toutiao.com"))
    null
  } catch (error: GadgetException) {
    error.errno
  }
  equal(Errno.INVALID_PARAMETER, error)
}

/** What is rare: cookies, a listener to their changes, and a resolver. */
private fun overJna(client: GadgetClient) {
  val changed = CopyOnWriteArrayList<String>()
  val listening = client.cookies.onChange { changed += it.cookie.name }
  val url = http.replace("127.0.0.1", "www.example.com")
  runBlocking { client.request(RequestOptions("$url/cookies/set?line=a%3D1%3B%20Path%3D%2F")) }
  equal(listOf("a=1"), client.cookies.list().map { "${it.name}=${it.value}" })
  val sent = runBlocking { client.request(RequestOptions("$url/cookies")) }
  equal(true, "a=1" in sent.text.orEmpty())
  listening.close()
  equal(listOf("a"), changed)
}

private fun equal(expected: Any?, actual: Any?) =
  check(expected == actual) { "expected $expected, got $actual" }
