package sample

import android.os.Looper
import android.webkit.ValueCallback
import android.webkit.WebView
import dev.gadget.request.ClientConfig
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowWebView
import java.net.URL
import java.time.Duration

/** The sample's flow on a JVM, against the test server. The test is the page: it has no browser. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], application = SampleApp::class, shadows = [WebViewWithScripts::class])
class JvmTwin {
  private val http: String = System.getenv("GADGET_HTTP")

  @Test
  fun `A page calls and aborts, in the background its calls end, and closing ends all`() {
    MiniProgramActivity.configOf = { ClientConfig { backgroundGraceMs = 0 } }
    val controller = Robolectric.buildActivity(MiniProgramActivity::class.java).setup()
    val activity = controller.get()
    val page = Page(activity.webView)

    page.call(1, "$http/status/200?body=hello")
    page.awaitResult(1, """"data":"hello"""")

    page.call(2, "$http/hold/sample-2?counter=sample-2")
    eventually("the server has the call") { inFlight("sample-2") == 1 }
    page.post(""""abort":2""")
    page.awaitResult(2, """"errno":301""")
    eventually("the server is rid of the call") { inFlight("sample-2") == 0 }

    activity.showStatus("$http/status/404")
    eventually("the title is the status") { activity.title == "404" }

    page.call(3, "$http/hold/sample-3?counter=sample-3")
    eventually("the server has the call") { inFlight("sample-3") == 1 }
    controller.pause().stop()
    shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(1))
    page.awaitResult(3, """"errno":112""")
    controller.start().resume()
    page.call(4, "$http/status/201")
    page.awaitResult(4, """"statusCode":201""")

    page.call(5, "$http/hold/sample-5?counter=sample-5")
    eventually("the server has the call") { inFlight("sample-5") == 1 }
    controller.pause().stop().destroy()
    eventually("the server is rid of the call") { inFlight("sample-5") == 0 }
    assertEquals(0, activity.client.inFlight)
    assertTrue(page.results(5).isEmpty())
  }

  /** How many calls with this counter the server holds. */
  private fun inFlight(counter: String): Int {
    val counts = URL("$http/counters/$counter").readText()
    return Regex(""""in_flight":\s*(\d+)""").find(counts)!!.groupValues[1].toInt()
  }
}

/** What the page's script sends and gets in a WebView of Android itself. */
private class Page(private val webView: WebView) {
  private val id = "0123456789abcdef0123456789abcdef"
  private val port = shadowOf(webView).getJavascriptInterface("gadgetRequest")
  private val postMessage =
    port.javaClass.getMethod("postMessage", String::class.java, String::class.java)
      .apply { isAccessible = true }
  private val scripts = Shadow.extract<WebViewWithScripts>(webView).scripts
  private val secret: String

  init {
    shadowOf(webView).webViewClient
      .onPageStarted(webView, "${MiniProgramActivity.ORIGIN}/index.html", null)
    secret = Regex(""""secret":"([^"]+)"""").find(scripts.last())!!.groupValues[1]
    post(""""hello":true""")
  }

  fun post(members: String) {
    postMessage.invoke(port, """{"page":"$id",$members}""", secret)
  }

  fun call(number: Int, url: String) = post(""""call":$number,"options":{"url":"$url"}""")

  /** The replies to a call, as scripts that carry a text of JSON. */
  fun results(number: Int): List<String> =
    scripts.drop(1).map { it.replace("\\\"", "\"") }.filter { """"id":$number,""" in it }

  fun awaitResult(number: Int, part: String) {
    eventually("a reply to call $number") { results(number).isNotEmpty() }
    val result = results(number).single()
    assertTrue(result, part in result)
  }
}

/** Keeps the scripts that are evaluated. */
@Implements(WebView::class)
class WebViewWithScripts : ShadowWebView() {
  val scripts = mutableListOf<String>()

  @Implementation
  override fun evaluateJavascript(script: String, callback: ValueCallback<String>?) {
    scripts += script
  }
}

/** Waits until a condition holds, and lets the main thread work meanwhile. */
private fun eventually(what: String, holds: () -> Boolean) {
  repeat(2000) {
    shadowOf(Looper.getMainLooper()).idle()
    if (holds()) return
    Thread.sleep(5)
  }
  error("never came true: $what")
}
