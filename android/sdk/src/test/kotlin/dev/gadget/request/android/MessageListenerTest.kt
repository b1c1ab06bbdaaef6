package dev.gadget.request.android

import android.net.Uri
import android.webkit.WebView
import androidx.webkit.JavaScriptReplyProxy
import androidx.webkit.ScriptHandler
import androidx.webkit.WebMessageCompat
import androidx.webkit.WebViewCompat
import androidx.webkit.WebViewFeature
import dev.gadget.request.GadgetBridge
import dev.gadget.request.Received
import dev.gadget.request.Server
import dev.gadget.request.parsed
import dev.gadget.request.text
import kotlinx.serialization.json.JsonObject
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements

/** A bridge with androidx.webkit, which is a fake here, against the real engine and server. */
@Config(
  sdk = [35],
  shadows = [FakeWebViewCompat::class, FakeWebViewFeature::class],
  instrumentedPackages = ["androidx.webkit"],
)
class MessageListenerTest : WithWebView() {
  @Before
  fun newWebView() {
    FakeWebViewFeature.missing = emptySet()
  }

  @After
  fun forget() {
    FakeWebViewCompat.listener = null
    FakeWebViewCompat.script = null
  }

  private fun attach(frames: Boolean = false) =
    GadgetBridge.attach(webView, client, listOf(ALLOWED)) { this.frames = frames }

  /** A document whose script has said hello. */
  private fun open(origin: String = ALLOWED, isMainFrame: Boolean = true) =
    ListenerPage(webView, origin, isMainFrame).apply { hello() }

  @Test
  fun `A call of the page gets its reply`() {
    attach().use {
      val page = open()
      page.call(1, "${Server.http}/status/404")
      assertEquals("404", page.result(1)["statusCode"].text)
      it.onPageStarted("$ALLOWED/")
      assertEquals(emptyList<String>(), webView.scripts)
      assertNull(shadowOf(webView).getJavascriptInterface("gadgetRequest"))
    }
  }

  @Test
  fun `ArrayBuffers are bytes in both directions`() {
    attach().use {
      val page = open()
      val bytes = ByteArray(70_000) { it.toByte() }
      val options = """{"url":"${Server.http}/echo","method":"POST"}"""
      page.post(frame(page.message(""""call":1,"options":$options"""), bytes))
      val received = Received(parsed("${page.result(1)["data"]}"))
      assertArrayEquals(bytes, received.body)

      page.call(2, "${Server.http}/bytes/20", ""","responseType":"arraybuffer"""")
      page.reply(2)
      assertEquals("0123456789abcdef0123", page.lastBytes!!.decodeToString())
    }
  }

  @Test
  fun `A WebView that carries no bytes gets base64`() {
    FakeWebViewFeature.missing = setOf(WebViewFeature.WEB_MESSAGE_ARRAY_BUFFER)
    attach().use {
      assertTrue(""""bytes":false""" in FakeWebViewCompat.script!!)
      val page = open()
      page.call(1, "${Server.http}/bytes/4", ""","responseType":"arraybuffer"""")
      assertEquals("MDEyMw==", page.reply(1)["base64"].text)
      assertNull(page.lastBytes)
    }
  }

  @Test
  fun `A page of another origin and a frame are refused`() {
    attach().use {
      for (page in listOf(open(OTHER), open("null"), open(isMainFrame = false))) {
        page.call(1, "${Server.http}/echo")
        assertEquals("103", page.result(1)["errno"].text)
        assertEquals(listOf(true, true), page.replies.map { "refused" in it })
      }
    }
  }

  @Test
  fun `A frame is served if the host app allows it`() {
    attach(frames = true).use {
      val (page, frame) = open() to open(isMainFrame = false)
      frame.call(1, "${Server.http}/status/200")
      assertEquals("200", frame.result(1)["statusCode"].text)
      assertEquals(0, page.replies.size)
    }
  }

  @Test
  fun `A new document of the main frame ends the calls of the others`() {
    attach(frames = true).use {
      val pages = listOf(open(), open(isMainFrame = false))
      pages.forEach { it.holdCall(client, 1) }
      open()
      awaitNoCalls(client)
      assertTrue(pages.all { it.replies.isEmpty() })
    }
  }

  @Test
  fun `Closing takes listener and script away, aborts the calls and silences them`() {
    val bridge = attach()
    val page = open()
    page.holdCall(client, 1)
    val listener = FakeWebViewCompat.listener
    bridge.close()
    assertNull(FakeWebViewCompat.listener)
    assertNull(FakeWebViewCompat.script)
    FakeWebViewCompat.listener = listener
    page.call(2, "${Server.http}/echo") // it was on its way
    page.post("no message")
    awaitNoCalls(client)
    assertEquals(0, page.replies.size)
  }

  @Test
  fun `Without one of the features the bridge uses what Android itself has`() {
    for (feature in listOf("WEB_MESSAGE_LISTENER", "DOCUMENT_START_SCRIPT")) {
      FakeWebViewFeature.missing = setOf(feature)
      attach().use {
        assertNull(FakeWebViewCompat.listener)
        assertNotNull(shadowOf(webView).getJavascriptInterface("gadgetRequest"))
      }
    }
  }
}

/** A document in a WebView that has listeners. */
internal class ListenerPage(
  private val webView: WebView,
  private val origin: String,
  private val isMainFrame: Boolean,
) : Page() {
  override val replies = mutableListOf<JsonObject>()
  var lastBytes: ByteArray? = null
    private set

  private val proxy = object : JavaScriptReplyProxy() {
    override fun postMessage(message: String) {
      replies += parsed(message)
    }

    override fun postMessage(arrayBuffer: ByteArray) {
      val length = arrayBuffer.take(4).fold(0) { sum, byte -> sum shl 8 or byte.toInt() and 0xff }
      replies += parsed(arrayBuffer.decodeToString(4, 4 + length))
      lastBytes = arrayBuffer.copyOfRange(4 + length, arrayBuffer.size)
    }
  }

  override fun post(message: String) = post(WebMessageCompat(message))

  fun post(message: ByteArray) = post(WebMessageCompat(message))

  private fun post(message: WebMessageCompat) = FakeWebViewCompat.listener!!
    .onPostMessage(webView, message, Uri.parse(origin), isMainFrame, proxy)
}

private fun frame(text: String, bytes: ByteArray): ByteArray {
  val head = text.encodeToByteArray()
  return ByteArray(4) { (head.size shr (24 - 8 * it)).toByte() } + head + bytes
}

/** Takes the place of the stub. */
@Implements(WebViewCompat::class)
class FakeWebViewCompat {
  companion object {
    var listener: WebViewCompat.WebMessageListener? = null
    var script: String? = null

    @JvmStatic
    @Implementation
    fun addWebMessageListener(
      webView: WebView,
      name: String,
      origins: Set<String>,
      listener: WebViewCompat.WebMessageListener,
    ) {
      check(name == "gadgetRequest" && origins == setOf("*") && this.listener == null)
      this.listener = listener
    }

    @JvmStatic
    @Implementation
    fun removeWebMessageListener(webView: WebView, name: String) {
      check(name == "gadgetRequest")
      listener = null
    }

    @JvmStatic
    @Implementation
    fun addDocumentStartJavaScript(
      webview: WebView,
      script: String,
      origins: Set<String>,
    ): ScriptHandler {
      check(origins == setOf("*") && this.script == null)
      this.script = script
      return ScriptHandler { this.script = null }
    }
  }
}

/** Takes the place of the stub. */
@Implements(WebViewFeature::class)
class FakeWebViewFeature {
  companion object {
    var missing = emptySet<String>()

    @JvmStatic
    @Implementation
    fun isFeatureSupported(feature: String): Boolean = feature !in missing
  }
}
