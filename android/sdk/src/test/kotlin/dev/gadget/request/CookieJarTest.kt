package dev.gadget.request

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class CookieJarTest {
  private val none = emptyList<String>()

  @Test
  fun `A cookie of a response is listed with all its members`() = withClient { client ->
    val before = System.currentTimeMillis()
    client.set("id=7; Path=/a; Max-Age=1000; HttpOnly; SameSite=Lax; Secure", "b=中文")
    val (cookie, session) = client.cookies.list()
    val after = System.currentTimeMillis()
    assertTrue(cookie.expiresAtMillis!! in before + 1_000_000..after + 1_000_000)
    val expected = Cookie("id", "7", "127.0.0.1") {
      path = "/a"
      expiresAtMillis = cookie.expiresAtMillis
      secure = true
      httpOnly = true
      sameSite = SameSite.LAX
    }
    assertEquals(expected, cookie)
    assertEquals(Cookie("b", "中文", "127.0.0.1") { path = "/cookies" }, session)
  }

  @Test
  fun `A cookie of the host app is sent until it is replaced, expired, deleted or cleared`() =
    withClient { client ->
      val jar = client.cookies
      jar.set(Cookie("a", "1", "127.0.0.1"))
      jar.set(listOf(Cookie("b", "2", "127.0.0.1"), Cookie("c", "3", "example.com")))
      assertEquals(listOf("a=1; b=2"), client.sent())
      jar.set(Cookie("a", "4", "127.0.0.1"))
      assertEquals(listOf("a=4; b=2"), client.sent())
      jar.set(Cookie("a", "", "127.0.0.1") { expiresAtMillis = System.currentTimeMillis() - 1 })
      assertEquals(listOf("b=2"), client.sent())

      assertTrue(jar.delete("b", "127.0.0.1", "/"))
      assertFalse(jar.delete("b", "127.0.0.1", "/"))
      assertFalse(jar.delete("c", "example.com", "/other"))
      assertFalse(jar.delete("c", ".example.com", "/"))
      assertEquals(none, client.sent())
      assertEquals(listOf("c=3"), jar.pairs)
      jar.clear()
      assertEquals(none, jar.pairs)
      jar.set(emptyList())
      assertEquals(none, jar.pairs)
    }

  @Test
  fun `The cookies for a URL are listed as they are sent`() = withClient { client ->
    val jar = client.cookies
    jar.set(
      listOf(
        Cookie("wide", "1", ".example.com"),
        Cookie("host", "2", "example.com"),
        Cookie("secure", "3", ".example.com") { secure = true },
        Cookie("deep", "4", ".example.com") { path = "/a/b" },
      ),
    )
    fun names(url: String) = jar.list(url).map { it.name }
    assertEquals(listOf("deep", "wide", "host", "secure"), names("https://example.com/a/b/c"))
    assertEquals(listOf("wide", "host"), names("http://example.com/"))
    assertEquals(listOf("wide", "secure"), names("https://www.example.com/a"))
    for (url in listOf("https://example.org/", "no URL", "", "https://example.com/\uD800")) {
      assertEquals(none, names(url), url)
    }
    assertEquals(listOf("wide", "host", "secure", "deep"), jar.list().map { it.name })
  }

  @Test
  fun `A Set-Cookie line is taken as if a response had set it`() = withClient { client ->
    val jar = client.cookies
    val url = "https://www.example.com/a/b"
    assertTrue(jar.setLine(url, "a=1; Domain=example.com; Secure; SameSite=None"))
    assertFalse(jar.setLine(url, "a=1; Domain=example.com; Secure; SameSite=None"), "no change")
    assertTrue(jar.setLine(url, "nameless"))
    for (refused in listOf("b=2; Domain=example.org", "b=2; Domain=com", "", "b=\uD800")) {
      assertFalse(jar.setLine(url, refused), refused)
    }
    assertFalse(jar.setLine("no URL", "b=2"))
    assertFalse(jar.setLine("https://\uD800/", "b=2"))
    val (wide, nameless) = jar.list()
    val expected = Cookie("a", "1", ".example.com") {
      path = "/a"
      secure = true
      sameSite = SameSite.NONE
    }
    assertEquals(expected, wide)
    assertEquals(Cookie("", "nameless", "www.example.com") { path = "/a" }, nameless)
    assertTrue(jar.setLine(url, "a=; Domain=example.com; Path=/a; Secure; Max-Age=0"))
    assertEquals(listOf("=nameless"), jar.pairs)
  }

  @Test
  fun `A domain is cleared with all its subdomains`() = withClient { client ->
    val jar = client.cookies
    fun setAll() = jar.set(
      listOf(".example.com", "example.com", "a.b.example.com", "notexample.com", "com")
        .map { Cookie("a", it, it) },
    )
    for (domain in listOf("example.com", ".example.com", "EXAMPLE.com")) {
      setAll()
      jar.clear(domain)
      assertEquals(listOf("notexample.com", "com"), jar.list().map { it.domain }, domain)
    }
    jar.set(Cookie("a", "1", ".xn--bcher-kva.example"))
    jar.clear("B\u00dccher.example")
    assertEquals(listOf("notexample.com", "com"), jar.list().map { it.domain })
    jar.set(Cookie("a", "1", ".xn--bcher-kva.example"))
    assertTrue(jar.delete("a", ".b\u00fccher.EXAMPLE", "/"))
    setAll()
    jar.clear("\uD800")
    jar.clear("")
    assertEquals(5, jar.list().size)
  }

  @Test
  fun `The jar of a closed client is empty, and changes to it have no effect`() {
    val client = GadgetClient(ClientConfig())
    val cookie = Cookie("a", "1", "example.com")
    client.cookies.set(cookie)
    client.close()
    for (jar in listOf(client.cookies, GadgetClient(ClientConfig()).apply { close() }.cookies)) {
      jar.set(cookie)
      jar.importJson("""[{"name":"a","value":"1","domain":"example.com"}]""")
      assertFalse(jar.setLine("https://example.com/", "a=1"))
      assertFalse(jar.delete("a", "example.com", "/"))
      jar.clear("example.com")
      jar.clear()
      jar.save()
      assertEquals(emptyList<Cookie>(), jar.list() + jar.list("https://example.com/"))
      assertEquals("[]", jar.exportJson())
    }
  }
}
