package dev.gadget.request.android

import android.os.Looper
import android.webkit.CookieManager
import dev.gadget.request.ClientConfig
import dev.gadget.request.Cookie
import dev.gadget.request.GadgetClient
import dev.gadget.request.WebViewCookies
import dev.gadget.request.eventually
import dev.gadget.request.pairs
import example.show
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowLog

/** A client and Android's CookieManager, as Robolectric has it: it cannot remove a cookie. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 35])
class WebViewCookiesTest {
  private val client = GadgetClient(ClientConfig())
  private val jar = client.cookies
  private val manager by lazy { CookieManager.getInstance() }

  @After
  fun close() = client.close()

  private fun attach() = WebViewCookies.attach(client)

  private fun sent(url: String) = manager.getCookie(url)?.split("; ")?.toSet().orEmpty()

  /** Waits for a callback, which must come on the main thread. */
  private fun awaiting(start: (Runnable) -> Unit) {
    var thread: Thread? = null
    start { thread = Thread.currentThread() }
    assertEquals(null, thread)
    eventually("the callback") {
      idle()
      thread != null
    }
    assertSame(Looper.getMainLooper().thread, thread)
  }

  @Test
  fun `The WebViews get all cookies at the start, and then each change`() {
    jar.set(listOf(Cookie("a", "1", "example.com"), Cookie("b", "1", ".example.com")))
    attach().use { cookies ->
      awaiting(cookies::push)
      assertEquals(setOf("a=1", "b=1"), sent("http://example.com/"))
      jar.set(Cookie("a", "2", "example.com"))
      eventually("it is copied") { "a=2" in sent("http://example.com/") }
      jar.set(Cookie("c", "1", "example.com") { secure = true })
      runBlocking { cookies.push() }
      assertEquals(setOf("a=2", "b=1", "c=1"), sent("https://example.com/"))
    }
  }

  @Test
  fun `The client gets what a page has changed`() {
    jar.set(Cookie("a", "1", "example.com") { path = "/p" })
    attach().use { cookies ->
      awaiting(cookies::push)
      manager.setCookie("http://example.com/p", "a=2; path=/p")
      manager.setCookie("http://example.com/p", "new=1")
      awaiting { cookies.pull("http://example.com/p", it) }
      assertEquals(setOf("a=2", "new=1"), jar.pairs.toSet())
      assertEquals("/p", jar.list().single { it.name == "a" }.path)
      manager.setCookie("http://example.com/p", "new=2")
      runBlocking { cookies.pull("http://example.com/p") }
      assertEquals(setOf("a=2", "new=2"), jar.pairs.toSet())
    }
  }

  @Test
  fun `A user who is logged out in the WebViews is logged out in the client`() {
    jar.set(Cookie("a", "1", "example.com"))
    attach().use { cookies ->
      awaiting(cookies::push)
      manager.removeAllCookies(null)
      idle()
      awaiting { cookies.pull("http://example.com/", it) }
      assertEquals(emptyList<String>(), jar.pairs)
    }
  }

  @Test
  fun `Closed, it copies what was changed before and nothing else, and callbacks come`() {
    val cookies = attach()
    jar.set(Cookie("a", "1", "example.com"))
    awaiting(cookies::push)
    jar.set(Cookie("a", "2", "example.com"))
    cookies.close()
    cookies.close()
    jar.set(Cookie("b", "1", "example.com"))
    manager.setCookie("http://example.com/", "c=1")
    awaiting { cookies.pull("http://example.com/", it) }
    assertEquals(setOf("a=2", "b=1"), jar.pairs.toSet())
    assertEquals(setOf("a=2", "c=1"), sent("http://example.com/"))
  }

  @Test
  fun `A closed client is no error`() {
    client.close()
    attach().use { cookies ->
      awaiting(cookies::push)
      manager.setCookie("http://example.com/", "a=1")
      awaiting { cookies.pull("http://example.com/", it) }
      assertEquals(setOf("a=1"), sent("http://example.com/"))
    }
    assertEquals(emptyList<Any>(), ShadowLog.getLogsForTag("gadget-request"))
  }

  @Test
  fun `In the example of the docs a page loads with the client's cookies, which gets the page's`() {
    val webView = RecordingWebView()
    jar.set(Cookie("a", "1", "page.example"))
    show("http://page.example/", webView, client).use {
      assertEquals(null, shadowOf(webView).lastLoadedUrl)
      eventually("the page is loaded") {
        idle()
        shadowOf(webView).lastLoadedUrl == "http://page.example/"
      }
      assertEquals(setOf("a=1"), sent("http://page.example/"))
      manager.setCookie("http://page.example/", "a=2")
      shadowOf(webView).webViewClient.onPageFinished(webView, "http://page.example/")
      eventually("the client has it") { jar.pairs == listOf("a=2") }
    }
  }

  @Test
  @Config(shadows = [MissingWebView::class])
  fun `A device without a WebView gets a warning, and callbacks come`() {
    attach().use { cookies ->
      jar.set(Cookie("a", "1", "example.com"))
      awaiting(cookies::push)
      awaiting { cookies.pull("http://example.com/", it) }
      runBlocking { cookies.pull("http://example.com/") }
    }
    val warning = ShadowLog.getLogsForTag("gadget-request").first()
    assertTrue(warning.msg, warning.msg.startsWith("cookies were not copied"))
  }

  @Test
  fun `The CookieManager of a profile takes the place of the usual one`() {
    val ofProfile = Shadow.newInstanceOf(manager.javaClass)
    jar.set(Cookie("a", "1", "example.com"))
    WebViewCookies.attach(client, ofProfile).use { awaiting(it::push) }
    assertEquals("a=1", ofProfile.getCookie("http://example.com/"))
    assertEquals(emptySet<String>(), sent("http://example.com/"))
  }
}

/** As on a device whose WebView is missing. */
@Implements(CookieManager::class)
class MissingWebView {
  companion object {
    @JvmStatic
    @Implementation
    @Suppress("unused") // in place of the real one
    fun getInstance(): CookieManager = throw RuntimeException("no WebView installed")
  }
}
