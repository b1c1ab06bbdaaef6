package dev.gadget.request

import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.concurrent.thread

class CookieJarTest {
  private val none = emptyList<String>()

  private val CookieJar.pairs get() = list().map { "${it.name}=${it.value}" }

  private fun refusal(action: () -> Unit): String =
    assertThrows(IllegalArgumentException::class.java, action).message!!

  @Test
  fun `A cookie of a response is shown with all that it says`() = withClient { client ->
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
  fun `What the host sets is sent, until it is set anew, over, deleted or cleared`() =
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
  fun `A line is taken as a response's would be`() = withClient { client ->
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
  fun `A domain is cleared with all that is below it`() = withClient { client ->
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
  fun `What is exported can be imported elsewhere, beside what is there`() = withClient { one ->
    val cookies = listOf(
      Cookie("a", "中文\"\\", ".example.com") {
        path = "/a"
        expiresAtMillis = System.currentTimeMillis() / 1000 * 1000 + 123_456
        secure = true
        httpOnly = true
        sameSite = SameSite.STRICT
      },
      Cookie("", "nameless", "[::1]"),
    )
    one.cookies.set(cookies)
    val json = one.cookies.exportJson()
    assertEquals(
      """[{"name":"a","value":"中文\"\\","domain":".example.com","path":"/a",""" +
        """"expires":${cookies[0].expiresAtMillis},"secure":true,"httpOnly":true,""" +
        """"sameSite":"strict"},{"name":"","value":"nameless","domain":"[::1]",""" +
        """"path":"/","secure":false,"httpOnly":false}]""",
      json,
    )
    withClient { other ->
      assertEquals("[]", other.cookies.exportJson())
      val before = Cookie("before", "1", "example.org")
      other.cookies.set(before)
      other.cookies.importJson(json)
      assertEquals(listOf(before) + cookies, other.cookies.list())
    }
  }

  @Test
  fun `JSON that cannot be imported is refused without a word of it`() = withClient { client ->
    val good = """{"name":"good","value":"1","domain":"example.com"}"""
    for ((json, message) in listOf(
      "" to "no JSON",
      "[\"\uD800\"]" to "[0]: no JSON",
      "{}" to "not what it is to be",
      "[] []" to "more than one JSON array",
      """[$good,{"name":"a"}]""" to "[1]: missing field `value`",
      """[$good,{"value":"secret","domain":5}]""" to "[1].domain: not what it is to be",
      """[{"value":"secret","domain":".com"}]""" to "[0].domain: a public suffix",
    )) {
      assertEquals(message, refusal { client.cookies.importJson(json) })
    }
    assertEquals(none, client.cookies.pairs)
  }

  @Test
  fun `A cookie that cannot be is refused by the member's name, and none is set`() =
    withClient { client ->
      val good = Cookie("good", "1", "example.com")
      fun cookie(configure: Cookie.Builder.() -> Unit) = good.newBuilder().apply(configure).build()
      for ((member, cookie) in listOf(
        "name" to cookie { name = "secret=" },
        "name" to cookie { name = "__Secure-secret" },
        "name" to cookie { name = "\uD800" },
        "value" to cookie { value = "secret; Path=/" },
        "value" to cookie { value = "secret\n" },
        "value" to cookie { value = "s".repeat(4093) },
        "value" to cookie { value = "\uDC00" },
        "domain" to cookie { domain = "" },
        "domain" to cookie { domain = "sec ret" },
        "domain" to cookie { domain = ".co.uk" },
        "domain" to cookie { domain = "\uD83D" },
        "path" to cookie { path = "secret" },
        "path" to cookie { path = "/\uD800" },
        "sameSite" to cookie { sameSite = SameSite.NONE },
      )) {
        for ((place, cookies) in listOf("" to listOf(cookie), "[1]." to listOf(good, cookie))) {
          val message = refusal { client.cookies.set(cookies) }
          assertTrue(message.startsWith("$place$member: "), "$place$member: $message")
          assertFalse("secret" in message, message)
          assertEquals(none, client.cookies.pairs)
        }
      }
    }

  @Test
  fun `No time is too long or too long ago`() = withClient { client ->
    val longest = 400L * 24 * 3600 * 1000
    client.cookies.set(Cookie("a", "1", "example.com") { expiresAtMillis = Long.MAX_VALUE })
    val expires = client.cookies.list().single().expiresAtMillis!!
    assertTrue(expires - System.currentTimeMillis() in longest - 60_000..longest, "$expires")
    for (over in listOf(0, -1, Long.MIN_VALUE)) {
      client.cookies.set(Cookie("b", "1", "example.com"))
      client.cookies.set(Cookie("b", "1", "example.com") { expiresAtMillis = over })
      assertEquals(listOf("a=1"), client.cookies.pairs)
    }
  }

  @Test
  fun `A cookie is its members, and shows none of them by itself`() {
    val cookie = Cookie("secret", "secret", "secret.example.com")
    assertEquals("Cookie(...)", "$cookie")
    assertEquals("/" to null, cookie.path to cookie.expiresAtMillis)
    assertFalse(cookie.secure || cookie.httpOnly)
    assertNull(cookie.sameSite)
    val builder = cookie.newBuilder()
    assertEquals(cookie, builder.build())
    assertEquals(cookie.hashCode(), builder.build().hashCode())
    for (change in listOf<Cookie.Builder.() -> Unit>(
      { name = "a" },
      { value = "a" },
      { domain = "a" },
      { path = "/a" },
      { expiresAtMillis = 1 },
      { secure = true },
      { httpOnly = true },
      { sameSite = SameSite.LAX },
    )) {
      val before = builder.build()
      builder.change()
      assertFalse(before == builder.build())
      assertEquals(builder.build(), builder.build().newBuilder().build())
    }
    assertFalse(cookie.equals("secret"))
  }

  @Test
  fun `A cookie as a line says all that it is`() {
    val full = Cookie("a", "1", ".example.com") {
      path = "/a"
      expiresAtMillis = 784_111_777_999
      secure = true
      httpOnly = true
      sameSite = SameSite.NONE
    }
    assertEquals(
      "a=1; Domain=example.com; Path=/a; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Secure; " +
        "HttpOnly; SameSite=None",
      full.toSetCookieLine(),
    )
    assertEquals("b; Path=/", Cookie("", "b", "example.com").toSetCookieLine())
    val wrong = Cookie("a", "\uD800", "example.com")
    assertEquals("value: lone surrogate", refusal { wrong.toSetCookieLine() })
  }

  @Test
  fun `Clients that share a folder and an app share a jar`(@TempDir folder: File) {
    val config = ClientConfig {
      appId = "cli_1"
      cookieDir = folder.path
    }
    withClient(config) { one ->
      withClient(config) { other ->
        one.cookies.set(Cookie("a", "1", "127.0.0.1") { expiresAtMillis = Long.MAX_VALUE })
        assertEquals(one.cookies.list(), other.cookies.list())
        one.close()
        assertEquals(none, one.cookies.pairs)
        assertEquals(listOf("a=1"), other.sent())
        other.cookies.clear()
        other.cookies.save()
        val file = folder.listFiles()!!.single { it.extension == "txt" }
        assertFalse("a" in file.readText().substringAfter('\n'))
      }
    }
  }

  @Test
  fun `The jar of a closed client is empty, and takes no notice of what it is told`() {
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

  @Test
  fun `Any thread may use the jar, also while the client is closed`() = withClient { client ->
    val threads = List(8) { number ->
      thread {
        repeat(200) { i ->
          val name = "$number-${i % 20}"
          client.cookies.set(Cookie(name, "$i", "example.com"))
          client.cookies.list("https://example.com/")
          client.cookies.exportJson()
          if (i >= 190) client.cookies.delete(name, "example.com", "/")
        }
      }
    }
    threads.forEach { it.join() }
    // Of each thread's twenty, the last ten are deleted.
    val expected = (0 until 8).flatMap { number -> (0 until 10).map { "$number-$it=${180 + it}" } }
    assertEquals(expected.toSet(), client.cookies.pairs.toSet())
    assertEquals(80, client.cookies.list().size)

    val failures = ConcurrentLinkedQueue<Throwable>()
    val users = List(4) { number ->
      thread {
        repeat(500) {
          runCatching {
            client.cookies.onChange { }.close()
            client.cookies.set(Cookie("$number", "$it", "example.com"))
            client.cookies.list()
          }.onFailure(failures::add)
        }
      }
    }
    client.close()
    users.forEach { it.join() }
    assertEquals(emptyList<Throwable>(), failures.toList())
    assertEquals(none, client.cookies.pairs)
  }

  @Test
  fun `Five hundred responses at once set what they set`() = withClient { client ->
    coroutineScope {
      List(500) { async { client.set("name-${it % 100}=$it; Path=/$it") } }.awaitAll()
    }
    // A domain has room for 180.
    val cookies = client.cookies.list()
    assertEquals(180, cookies.size)
    assertEquals(180, cookies.map { it.path }.toSet().size)
    for (cookie in cookies) {
      assertEquals("/${cookie.value}", cookie.path)
      assertEquals("name-${cookie.value.toInt() % 100}", cookie.name)
    }
  }
}
