package dev.gadget.request.android

import dev.gadget.request.GadgetBridge
import dev.gadget.request.Server
import dev.gadget.request.encoded
import dev.gadget.request.eventually
import dev.gadget.request.refusal
import dev.gadget.request.text
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.robolectric.Shadows.shadowOf
import kotlin.concurrent.thread

/** A bridge with what Android itself has, against the real engine and server. */
class GadgetBridgeTest : WithWebView() {
  private val bridge = GadgetBridge.attach(webView, client, listOf(ALLOWED))

  /** The main frame shows a document of an origin, whose script has said hello. */
  private fun open(origin: String): InterfacePage {
    bridge.onPageStarted("$origin/index.html?a#b")
    return InterfacePage(webView, origin).apply { hello() }
  }

  @Test
  fun `A call of the page gets its reply in the WebView`() {
    val page = open(ALLOWED)
    page.call(1, "${Server.http}/status/404")
    assertEquals("404", page.result(1)["statusCode"].text)
    assertEquals(2, webView.scripts.size) // the page's script and the reply
  }

  @Test
  fun `A reply cannot break out of the script that carries it`() {
    val page = open(ALLOWED)
    val text = "\"'\\</script>\u2028\u2029\n😀"
    page.call(1, "${Server.http}/status/200?body=${encoded(text)}")
    assertEquals(text, page.result(1)["data"].text)
    assertTrue(webView.scripts.last().all { it >= ' ' && it != '\u2028' && it != '\u2029' })
  }

  @Test
  fun `An ArrayBuffer of a response is base64`() {
    val page = open(ALLOWED)
    page.call(1, "${Server.http}/bytes/4", ""","responseType":"arraybuffer"""")
    assertEquals("MDEyMw==", page.reply(1)["base64"].text)
  }

  @Test
  fun `A page of another origin is refused and told why`() {
    val page = open(OTHER)
    page.call(1, "${Server.http}/echo")
    assertEquals("103", page.result(1)["errno"].text)
    assertTrue(page.replies.all { "origin" in it["refused"].text })
    assertEquals(2, page.replies.size)
  }

  @Test
  fun `A page without a host has no origin`() {
    GadgetBridge.attach(webView, client, listOf("null")).use { bridge ->
      for (url in listOf("about:blank", "data:text/html,a", "file:///android_asset/index.html")) {
        bridge.onPageStarted(url)
        val page = InterfacePage(webView, "${url.substringBefore(':')}://").apply { hello() }
        page.call(1, "${Server.http}/status/200")
        assertEquals(url, "200", page.result(1)["statusCode"].text)
      }
    }
  }

  @Test
  fun `A frame does not know the secret and is not heard`() {
    val page = open(ALLOWED)
    val call = page.message(""""call":1,"options":{"url":"${Server.http}/echo"}""")
    for (secret in listOf(null, "", "null", "undefined", page.secret.dropLast(1))) {
      page.post(call, secret)
    }
    page.post(null, page.secret)
    assertEquals(0, client.inFlight)
    page.call(2, "${Server.http}/echo")
    page.reply(2)
    assertEquals(1, page.replies.size)
  }

  @Test
  fun `Each script runs in pages of its origin only`() {
    for (origin in listOf(ALLOWED, OTHER, "http://page.example:8080")) open(origin)
    for (script in webView.scripts) {
      assertTrue(script, script.startsWith("if(location.protocol+'//'+location.host===\"http"))
    }
    bridge.onPageStarted("https://user:password@page.example/")
    assertTrue(
      webView.scripts.last().startsWith("if(location.protocol+'//'+location.host===\"$ALLOWED\")"),
    )
  }

  @Test
  fun `Going to another origin ends the calls and the secret of the page`() {
    val page = open(ALLOWED)
    val held = page.holdCall(client, 1)
    val other = open(OTHER)
    assertNotEquals(page.secret, other.secret)
    awaitNoCalls(client)
    Server.release(held, 1)
    page.call(2, "${Server.http}/echo")
    page.hello()
    awaitNoCalls(client)
    assertEquals(emptyList<Any>(), page.replies)

    val again = open(ALLOWED)
    assertNotEquals(page.secret, again.secret)
    page.call(3, "${Server.http}/echo")
    again.call(1, "${Server.http}/echo")
    again.reply(1)
    assertEquals(1, again.replies.size)
  }

  @Test
  fun `A new page of the same origin ends the calls of the former one`() {
    val page = open(ALLOWED)
    page.holdCall(client, 1)
    val next = open(ALLOWED)
    awaitNoCalls(client)
    next.call(1, "${Server.http}/echo")
    next.reply(1)
    page.call(2, "${Server.http}/echo")
    assertEquals("301", page.result(2)["errno"].text)
    awaitNoCalls(client)
    assertEquals(2, page.replies.size)
  }

  @Test
  fun `A page start that is reported twice changes nothing`() {
    val page = open(ALLOWED)
    page.holdCall(client, 1).also {
      bridge.onPageStarted("$ALLOWED/index.html")
      Server.release(it, 1)
    }
    page.reply(1)
  }

  @Test
  fun `Closing aborts the calls, and nothing is evaluated afterwards`() {
    val page = open(ALLOWED)
    page.call(1, "${Server.http}/echo")
    eventually("the reply waits for the main thread") { client.inFlight == 0 }
    page.holdCall(client, 2)
    bridge.close()
    bridge.close()
    bridge.onPageStarted("$ALLOWED/")
    page.call(3, "${Server.http}/echo")
    awaitNoCalls(client)
    assertEquals(1, webView.scripts.size) // the page's script
    assertNull(shadowOf(webView).getJavascriptInterface("gadgetRequest"))
  }

  @Test
  fun `Closing twice leaves the next bridge alone`() {
    bridge.close()
    GadgetBridge.attach(webView, client, listOf(ALLOWED)).use { next ->
      bridge.close()
      next.onPageStarted("$ALLOWED/")
      val page = InterfacePage(webView, ALLOWED).apply { hello() }
      page.call(1, "${Server.http}/echo")
      page.reply(1)
    }
  }

  @Test
  fun `A page whose client is closed gets errno 301`() {
    client.close()
    val page = open(ALLOWED)
    page.call(1, "${Server.http}/echo")
    assertEquals("301", page.result(1)["errno"].text)
    bridge.close()
    val late = GadgetBridge.attach(webView, client, listOf(ALLOWED))
    late.onPageStarted("$ALLOWED/")
    val next = InterfacePage(webView, ALLOWED).apply { hello() }
    next.call(1, "${Server.http}/echo")
    assertEquals("301", next.result(1)["errno"].text)
  }

  @Test
  fun `The host app chooses the name of the global`() {
    GadgetBridge.attach(webView, client, listOf(ALLOWED)) { name = "my" }.use {
      it.onPageStarted("$ALLOWED/")
      assertTrue(""""name":"my"""" in webView.scripts.last())
    }
  }

  @Test
  fun `A wrong setting is refused, and the message names it`() {
    val wrong = refusal { GadgetBridge.attach(webView, client, listOf("page.example")) }
    assertTrue(wrong, wrong.startsWith("origins"))
    val name = refusal { GadgetBridge.attach(webView, client, listOf(ALLOWED)) { name = "a b" } }
    assertTrue(name, name.startsWith("name"))
  }

  @Test
  fun `Another thread than the main thread is refused`() {
    thread {
      assertThrows(IllegalStateException::class.java) {
        GadgetBridge.attach(webView, client, listOf(ALLOWED))
      }
      assertThrows(IllegalStateException::class.java, bridge::close)
    }.join()
    assertFalse(webView.scripts.any())
  }

  @Test
  fun `Two WebViews share a client`() {
    val second = RecordingWebView()
    GadgetBridge.attach(second, client, listOf(OTHER)).use { other ->
      other.onPageStarted("$OTHER/")
      val pages = listOf(open(ALLOWED), InterfacePage(second, OTHER).apply { hello() })
      pages.forEach { it.call(1, "${Server.http}/echo") }
      pages.forEach { it.reply(1) }
    }
  }
}
