// The smallest call: it prints the status and the text of the response.
package example

import dev.gadget.request.ClientConfig
import dev.gadget.request.GadgetClient
import dev.gadget.request.RequestOptions
import kotlinx.coroutines.runBlocking

fun main(args: Array<String>) {
  val config = ClientConfig {
    appId = "cli_9dff7f6ae02ad104"
    appVersion = "1.2.0"
  }
  val url = args.firstOrNull() ?: "http://open.feishu.cn"
  val options = RequestOptions(url) { header("accept", "application/json") }
  val response = GadgetClient(config).use { client -> runBlocking { client.request(options) } }
  println("${response.status} ${response.text}")
}
