package dev.gadget.request

import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

class CookieWebViewTest {
  private fun cookie(name: String, value: String = "1") = Cookie(name, value, "127.0.0.1")

  /** Stands for CookieManager: the jar of a client takes lines as a browser does, too. */
  private class WebView {
    private val cookies = GadgetClient(ClientConfig()).cookies
    val list get() = cookies.list().toSet()

    fun setCookie(url: String, line: String) {
      cookies.setLine(url, line)
    }
  }

  /** The example of [CookieJar]'s documentation. */
  private fun keepInStep(client: GadgetClient, webView: WebView, mainExecutor: Executor) {
    fun copy(cookie: Cookie) {
      val scheme = if (cookie.secure) "https" else "http"
      webView.setCookie("$scheme://${cookie.domain.removePrefix(".")}", cookie.toSetCookieLine())
    }

    client.cookies.onChange { change ->
      val cookie = when (change) {
        is CookieChange.Set -> change.cookie
        is CookieChange.Removed -> change.cookie.newBuilder().apply { expiresAtMillis = 0 }.build()
      }
      mainExecutor.execute { copy(cookie) }
    }
    mainExecutor.execute { client.cookies.list().forEach(::copy) }
  }

  @Test
  fun `The example keeps a WebView in step with the jar`() = withClient { client ->
    val webView = WebView()
    client.cookies.set(
      listOf(
        cookie("before"),
        Cookie("wide", "1", ".example.com") { path = "/a" },
        Cookie("", "nameless", "example.com"),
        Cookie("__Host-a", "1", "www.example.com") {
          secure = true
          httpOnly = true
          sameSite = SameSite.NONE
        },
      ),
    )
    val main = Executors.newSingleThreadExecutor()
    keepInStep(client, webView, main)
    fun inStep() = eventually("they are the same") {
      main.submit {}.get(10, TimeUnit.SECONDS)
      client.cookies.list().toSet() == webView.list
    }
    inStep()
    assertEquals(4, webView.list.size)

    client.set("before=; Path=/; Max-Age=0", "a=1; Path=/", "deep=1; Path=/a/b; HttpOnly")
    client.cookies.delete("", "example.com", "/")
    client.cookies.clear("www.example.com")
    client.cookies.set(Cookie("wide", "2", ".example.com") { path = "/a" })
    inStep()
    val names = setOf("a" to "1", "deep" to "1", "wide" to "2")
    assertEquals(names, webView.list.map { it.name to it.value }.toSet())

    // On two threads at a time.
    coroutineScope {
      repeat(500) { launch { client.set("session=$it; Path=/", "other-${it % 7}=$it; Path=/") } }
    }
    inStep()
    assertEquals(11, webView.list.size)

    client.cookies.clear()
    inStep()
    assertEquals(emptySet<Cookie>(), webView.list)
    client.cookies.set(Cookie("late", "1", "example.com") { expiresAtMillis = Long.MAX_VALUE })
    main.submit {}.get(10, TimeUnit.SECONDS)
    // A line has whole seconds.
    val (there, copied) = client.cookies.list().single() to webView.list.single()
    assertEquals(there.expiresAtMillis!! / 1000, copied.expiresAtMillis!! / 1000)
    main.shutdown()
  }

  @Test
  fun `The example copies a change that was reported before the client was closed`() {
    val (webView, later) = WebView() to mutableListOf<Runnable>()
    GadgetClient(ClientConfig()).use { client ->
      keepInStep(client, webView, later::add)
      client.cookies.set(cookie("a"))
      later.forEach(Runnable::run)
      later.clear()
      assertEquals(setOf(cookie("a")), webView.list)
      client.cookies.set(cookie("a", "2"))
    }
    assertEquals(1, later.size)
    later.single().run()
    assertEquals(setOf(cookie("a", "2")), webView.list)
  }
}
