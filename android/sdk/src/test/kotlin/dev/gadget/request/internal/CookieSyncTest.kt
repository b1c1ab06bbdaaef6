package dev.gadget.request.internal

import dev.gadget.request.ClientConfig
import dev.gadget.request.Cookie
import dev.gadget.request.GadgetClient
import dev.gadget.request.SameSite
import dev.gadget.request.eventually
import dev.gadget.request.pairs
import dev.gadget.request.set
import dev.gadget.request.withClient
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Instant
import java.time.ZoneOffset
import java.time.format.DateTimeFormatter
import java.util.Locale
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

/** A jar and a WebView that shows all attributes. CookiePairsTest has one that does not. */
class CookieSyncTest {
  private val client = GadgetClient(ClientConfig())
  private val jar = client.cookies
  private val browser = FakeBrowser(showsAttributes = true)
  private val sync = CookieSync(jar) { browser }.also { jar.onChange(it::changed) }

  private val inAYear = (System.currentTimeMillis() / 1000 + 31_000_000) * 1000
  private val ofEachKind = listOf(
    Cookie("session", "1", "www.example.com"),
    Cookie("wide", "a=b", ".example.com") { expiresAtMillis = inAYear },
    Cookie("deep", "1", "www.example.com") { path = "/a/b" },
    Cookie("hidden", "", ".example.com") {
      secure = true
      httpOnly = true
      sameSite = SameSite.NONE
    },
    Cookie("__Host-a", "1", "www.example.com") {
      secure = true
      sameSite = SameSite.STRICT
    },
    Cookie("", "nameless", "www.example.com") { sameSite = SameSite.LAX },
  )

  @AfterEach
  fun closeClients() {
    client.close()
    browser.close()
  }

  @Test
  fun `All cookies are copied to the WebView, and then each change`() {
    jar.set(ofEachKind)
    sync.pushAll()
    assertEquals(jar.list(), browser.cookies.list())
    jar.set(ofEachKind[0].with { value = "2" })
    jar.delete("deep", "www.example.com", "/a/b")
    assertEquals(6, browser.writes)
    sync.push()
    assertEquals(jar.list().toSet(), browser.cookies.list().toSet())
    assertEquals(8 to 1, browser.writes to browser.saves)
    jar.clear()
    sync.push()
    assertEquals(emptyList<Cookie>(), browser.cookies.list())
  }

  @Test
  fun `Of several changes of a cookie the last is copied`() {
    repeat(100) { jar.set(Cookie("a", "$it", "example.com")) }
    sync.push()
    assertEquals(listOf("a=99") to 1, browser.cookies.pairs to browser.writes)
    sync.push()
    sync.pushAll()
    assertEquals(1, browser.writes)
  }

  @Test
  fun `A longer life of a cookie is copied, too`() {
    val cookie = Cookie("a", "1", "example.com") { expiresAtMillis = inAYear }
    jar.set(cookie)
    sync.push()
    jar.set(cookie.with { expiresAtMillis = inAYear + 1000 })
    sync.push()
    assertEquals(inAYear + 1000, browser.cookies.list().single().expiresAtMillis)
    jar.set(cookie.with { expiresAtMillis = Long.MAX_VALUE }) // the jar limits it
    sync.push()
    assertTrue(browser.cookies.list().single().isInLine(jar.list().single()))
  }

  @Test
  fun `Changes of responses, on several threads, are all copied`() = withClient { ofServer ->
    val other = CookieSync(ofServer.cookies) { browser }
    val worker = workerThread("test")
    ofServer.cookies.onChange {
      other.changed(it)
      worker.execute(other::push)
    }
    coroutineScope {
      repeat(500) { launch { ofServer.set("session=$it; Path=/", "other-${it % 7}=$it") } }
    }
    ofServer.cookies.delete("other-3", "127.0.0.1", "/cookies")
    val pushed = CountDownLatch(1)
    worker.execute {
      other.pushAll()
      pushed.countDown()
    }
    assertTrue(pushed.await(10, TimeUnit.SECONDS))
    eventually("they are the same") {
      ofServer.cookies.list().toSet() == browser.cookies.list().toSet()
    }
    assertEquals(7, browser.cookies.list().size)
  }

  @Test
  fun `A pull copies cookies with all their attributes, and what it copied is not copied back`() {
    browser.cookies.set(ofEachKind)
    sync.pull("http://www.example.com/a/b")
    assertEquals(ofEachKind.filterNot { it.secure }.toSet(), jar.list().toSet())
    sync.pull("https://www.example.com/a/b")
    assertEquals(ofEachKind.toSet(), jar.list().toSet())
    browser.cookies.set(ofEachKind[1].with { value = "2" })
    sync.pull("https://www.example.com/")
    assertEquals("2", jar.list().single { it.name == "wide" }.value)
    sync.push()
    assertEquals(0, browser.writes)
  }

  @Test
  fun `A cookie that is gone in the WebView is deleted, and not deleted there again`() {
    jar.set(ofEachKind)
    sync.pushAll()
    browser.cookies.clear()
    sync.pull("http://www.example.com/a/b")
    assertEquals(setOf("hidden", "__Host-a"), jar.list().map { it.name }.toSet())
    sync.pull("https://www.example.com/")
    assertEquals(emptyList<Cookie>(), jar.list())
    sync.push()
    assertEquals(6 to 0, browser.writes to browser.saves)
    // A new one goes there as any other.
    jar.set(ofEachKind)
    sync.push()
    assertEquals(6, browser.cookies.list().size)
    jar.clear()
    sync.push()
    assertEquals(0, browser.cookies.list().size)
  }

  @Test
  fun `A cookie of the jar that the WebView never had stays in the jar`() {
    browser.refuses = true
    jar.set(ofEachKind)
    sync.pushAll()
    sync.pull("https://www.example.com/a/b")
    assertEquals(6 to 0, jar.list().size to browser.cookies.list().size)
  }

  @Test
  fun `A newer value of the jar stays if it comes while the WebView is read`() {
    jar.set(Cookie("a", "1", "example.com"))
    sync.push()
    browser.whileListing = { jar.set(Cookie("a", "2", "example.com")) }
    sync.pull("http://example.com/")
    assertEquals(listOf("a=2"), jar.pairs)
    sync.push()
    assertEquals(listOf("a=2"), browser.cookies.pairs)
  }

  @Test
  fun `A newer value of the jar stays if the cookie is gone in the WebView meanwhile`() {
    jar.set(Cookie("a", "1", "example.com"))
    sync.push()
    browser.cookies.clear()
    browser.whileListing = { jar.set(Cookie("a", "2", "example.com")) }
    sync.pull("http://example.com/")
    sync.push()
    assertEquals(listOf("a=2") to listOf("a=2"), jar.pairs to browser.cookies.pairs)
  }

  @Test
  fun `If both have changed a cookie, the one of the WebView counts`() {
    jar.set(Cookie("a", "1", "example.com"))
    sync.push()
    browser.cookies.set(Cookie("a", "2", "example.com"))
    browser.whileListing = { jar.set(Cookie("a", "3", "example.com")) }
    sync.pull("http://example.com/")
    sync.push()
    assertEquals(listOf("a=2") to listOf("a=2"), jar.pairs to browser.cookies.pairs)
  }

  @Test
  fun `A cookie that the jar refuses is left to the WebView`() {
    browser.shows = listOf(BrowserCookie(Cookie("a", "\u0001", ".com")))
    sync.pull("http://example.com/")
    sync.pull("http://example.com/")
    sync.push()
    assertEquals(0 to 0, jar.list().size to browser.writes)
  }

  @Test
  fun `A text that is no URL has no effect`() {
    jar.set(ofEachKind)
    sync.pushAll()
    for (text in listOf("", "a", "about:blank", "data:text/html,a", "https://")) sync.pull(text)
    assertEquals(6, jar.list().size)
  }

  @Test
  fun `Closing the client takes nothing from the WebView`() {
    jar.set(ofEachKind)
    sync.pushAll()
    client.close()
    sync.push()
    browser.cookies.set(Cookie("b", "1", "www.example.com"))
    sync.pull("https://www.example.com/a/b")
    assertEquals(7, browser.cookies.list().size)
    assertTrue(jar.list().isEmpty())
  }
}

/** A WebView: the jar of another client takes lines as a browser does, too. */
internal class FakeBrowser(private val showsAttributes: Boolean) : BrowserCookies {
  private val client = GadgetClient(ClientConfig())
  val cookies = client.cookies
  var writes = 0
  var saves = 0
  var refuses = false

  /** What it shows instead of its cookies. */
  var shows: List<BrowserCookie>? = null

  /** Done once, when the cookies were read and are on their way. */
  var whileListing: (() -> Unit)? = null

  override fun list(url: String): List<BrowserCookie> {
    val list = shows ?: cookies.list(url).map(::shown)
    whileListing?.also { whileListing = null }?.invoke()
    return list
  }

  private fun shown(cookie: Cookie) = when {
    showsAttributes -> BrowserCookie(cookieOfLine(shownLine(cookie)))
    else -> BrowserCookie(cookie.name, cookie.value)
  }

  override fun set(url: String, line: String) {
    writes++
    if (!refuses) cookies.setLine(url, line)
  }

  override fun save() {
    saves++
  }

  fun close() = client.close()
}

/** As Chromium's `CanonicalCookie::BuildCookieAttributesLine` prints it. */
internal fun shownLine(cookie: Cookie): String = buildString {
  if (cookie.name.isNotEmpty()) append(cookie.name, '=')
  append(cookie.value, "; domain=", cookie.domain, "; path=", cookie.path)
  cookie.expiresAtMillis?.let { append("; expires=", httpDate(it)) }
  if (cookie.secure) append("; secure")
  if (cookie.httpOnly) append("; httponly")
  cookie.sameSite?.let { append("; samesite=", it.name.lowercase()) }
}

private fun httpDate(millis: Long): String =
  DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
    .format(Instant.ofEpochMilli(millis).atZone(ZoneOffset.UTC))
