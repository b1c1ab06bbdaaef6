package dev.gadget.request.internal

import dev.gadget.request.ClientConfig
import dev.gadget.request.Cookie
import dev.gadget.request.GadgetClient
import dev.gadget.request.SameSite
import dev.gadget.request.pairs
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test

/** A jar and a WebView that shows names and values only; and how texts of a WebView are read. */
class CookiePairsTest {
  private val client = GadgetClient(ClientConfig())
  private val jar = client.cookies
  private val browser = FakeBrowser(showsAttributes = false)
  private val sync = CookieSync(jar) { browser }.also { jar.onChange(it::changed) }
  private val wide = Cookie("wide", "1", ".example.com") { path = "/a" }

  @AfterEach
  fun closeClients() {
    client.close()
    browser.close()
  }

  @Test
  fun `A cookie that the jar has keeps its attributes and gets the new value`() {
    jar.set(wide)
    sync.push()
    browser.cookies.set(wide.with { value = "2" })
    sync.pull("http://www.example.com/a")
    assertEquals(listOf(wide.with { value = "2" }), jar.list())
    sync.push()
    assertEquals(1, browser.writes)
  }

  @Test
  fun `A new cookie is one of the session, for the host alone, with the strictest attributes`() {
    browser.cookies.set(wide)
    sync.pull("https://WWW.example.com:8443/a/b?c#d")
    val cookie = Cookie("wide", "1", "www.example.com") {
      secure = true
      httpOnly = true
    }
    assertEquals(listOf(cookie), jar.list())
    sync.pull("https://www.example.com/a")
    sync.push()
    assertEquals(listOf(cookie) to 0, jar.list() to browser.writes)

    browser.cookies.set(Cookie("b", "1", "127.0.0.1"))
    sync.pull("http://127.0.0.1:8080/")
    assertEquals(Cookie("b", "1", "127.0.0.1") { httpOnly = true }, jar.list()[1])
  }

  @Test
  fun `A cookie that cannot be removed in the WebView does not come back`() {
    browser.cookies.set(wide)
    sync.pull("http://www.example.com/a")
    jar.clear()
    sync.push()
    sync.pull("http://www.example.com/a")
    assertEquals(listOf<Cookie>() to listOf("wide=1"), jar.list() to browser.cookies.pairs)
    browser.cookies.set(wide.with { value = "2" })
    sync.pull("http://www.example.com/a")
    assertEquals(listOf("wide=2"), jar.pairs)
  }

  @Test
  fun `Cookies of one name are left alone`() {
    val deep = wide.with { path = "/a/b" }
    jar.set(listOf(wide, deep))
    sync.push()
    browser.cookies.set(deep.with { value = "2" })
    sync.pull("http://www.example.com/a/b")
    assertEquals(listOf("wide=1", "wide=1"), jar.pairs)

    jar.delete("wide", ".example.com", "/a")
    sync.pull("http://www.example.com/a/b")
    assertEquals(listOf(deep.with { value = "2" }), jar.list())
  }

  @Test
  fun `A cookie that is gone in the WebView is deleted`() {
    jar.set(listOf(wide, Cookie("other", "1", "other.example")))
    sync.pushAll()
    browser.cookies.clear()
    sync.pull("http://www.example.com/a")
    assertEquals(listOf("other=1"), jar.pairs)
    sync.push()
    assertEquals(2, browser.writes)
  }

  @Test
  fun `The pairs of a WebView are read`() {
    fun read(header: String) = pairs(header).map { it.name to it.value }
    assertEquals(emptyList<Any>(), read(""))
    assertEquals(listOf("a" to "1"), read("a=1"))
    assertEquals(listOf("a" to "b=c", "" to "nameless", "e" to ""), read("a=b=c; nameless; e="))
  }

  @Test
  fun `The lines of a WebView are read`() {
    val cookie = cookieOfLine(
      "a=b=c; domain=.example.com; path=/p; expires=Wed, 01 Jan 2031 00:00:07 GMT; secure; " +
        "HttpOnly; SameSite=None; priority=high; partitioned",
    )
    val expected = Cookie("a", "b=c", ".example.com") {
      path = "/p"
      expiresAtMillis = 1_924_992_007_000
      secure = true
      httpOnly = true
      sameSite = SameSite.NONE
    }
    assertEquals(expected, cookie)
    val line = "nameless; domain=example.com; path=/; expires=soon; samesite=lax"
    val nameless = Cookie("", "nameless", "example.com") { sameSite = SameSite.LAX }
    assertEquals(nameless, cookieOfLine(line))
    assertNull(cookieOfLine("a=1; domain=b; path=/; samesite=none").sameSite)
    assertNull(cookieOfLine("a=1; domain=b; path=/; samesite=unspecified").sameSite)
  }
}
