package dev.gadget.request.android

import android.os.Looper
import android.webkit.JavascriptInterface
import android.webkit.ValueCallback
import android.webkit.WebView
import dev.gadget.request.GadgetClient
import dev.gadget.request.Server
import dev.gadget.request.eventually
import dev.gadget.request.parsed
import dev.gadget.request.text
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import org.junit.After
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.util.UUID

/** A WebView without a browser behind it. The test is the page, and runs on the main thread. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 35])
abstract class WithWebView {
  internal val client = GadgetClient(Server.config)
  internal val webView = RecordingWebView()

  @After
  fun closeClient() = client.close()
}

/** Keeps the scripts that are evaluated in it. */
internal class RecordingWebView : WebView(RuntimeEnvironment.getApplication()) {
  val scripts = mutableListOf<String>()

  override fun evaluateJavascript(script: String, callback: ValueCallback<String>?) {
    check(Looper.myLooper() == Looper.getMainLooper()) { "not the main thread" }
    scripts += script
  }
}

internal const val ALLOWED = "https://page.example"
internal const val OTHER = "https://other.example"

/** What the page's script does in one document, as far as the channel is concerned. */
internal abstract class Page {
  private val id = UUID.randomUUID().toString().replace("-", "")

  abstract fun post(message: String)

  /** The replies so far, of all documents. */
  abstract val replies: List<JsonObject>

  fun hello() = post(message(""""hello":true"""))

  fun call(number: Int, url: String, more: String = "") =
    post(message(""""call":$number,"options":{"url":"$url"$more}"""))

  fun message(members: String) = """{"page":"$id",$members}"""

  /** The reply to a call. */
  fun reply(number: Int): JsonObject {
    fun found() = replies.find { it["page"].text == id && it["id"]?.text == "$number" }
    eventually("a reply to call $number") {
      idle()
      found() != null
    }
    return found()!!
  }

  fun result(number: Int): JsonObject = reply(number)["result"] as JsonObject
}

/** Makes the main thread do what was posted to it. */
internal fun idle() = shadowOf(Looper.getMainLooper()).idle()

/** Waits until no call of the client is in flight, and gives replies the time to come. */
internal fun awaitNoCalls(client: GadgetClient) {
  eventually("no call is in flight") { client.inFlight == 0 }
  Thread.sleep(50)
  idle()
}

/** Starts a call that the server holds, and waits until it has it. Returns the name to release. */
internal fun Page.holdCall(client: GadgetClient, number: Int): String {
  val name = Server.counter()
  call(number, "${Server.http}/hold/$name?counter=$name")
  eventually("the server has the call") { Server.count(name, "in_flight") == 1 }
  check(client.inFlight > 0)
  return name
}

/** A document in a WebView of Android itself. */
internal class InterfacePage(private val webView: RecordingWebView, val origin: String) : Page() {
  /** The condition of what is evaluated in a document of this origin only. */
  private val here = "if(location.protocol+'//'+location.host===\"$origin\")"

  /** The secret that the script of this document has. */
  val secret: String = webView.scripts.last { it.startsWith("$here/*") }
    .substringAfterLast("})(").trimEnd().removeSuffix(");")
    .let { parsed(it)["secret"].text }

  private val port = shadowOf(webView).getJavascriptInterface("gadgetRequest")
  private val postMessage =
    port.javaClass.getMethod("postMessage", String::class.java, String::class.java)
      .apply { isAccessible = true }

  init {
    checkNotNull(postMessage.getAnnotation(JavascriptInterface::class.java))
  }

  override fun post(message: String) = post(message, secret)

  fun post(message: String?, secret: String?) {
    postMessage.invoke(port, message, secret)
  }

  override val replies: List<JsonObject>
    get() = webView.scripts.mapNotNull { script ->
      val text = script.takeIf { it.startsWith("$here$REPLY") }?.removePrefix("$here$REPLY")
      text?.removeSuffix(")}")?.let { parsed(Json.decodeFromString<JsonElement>(it).text) }
    }

  companion object {
    /** What hands a reply to the script of a page, up to the text. */
    const val REPLY =
      "{const receive=window[Symbol.for(\"gadget-request gadgetRequest tt\")];if(receive)receive("
  }
}
