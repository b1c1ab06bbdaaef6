package dev.gadget.request

import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

class CookieListenerTest {
  /** Keeps what it is told, with the thread. */
  private class Told : CookieListener {
    val changes = CopyOnWriteArrayList<String>()
    val threads: MutableSet<Thread> = ConcurrentHashMap.newKeySet()

    override fun onChange(change: CookieChange) {
      threads += Thread.currentThread()
      changes += text(change)
    }
  }

  private fun cookie(name: String, value: String = "1") = Cookie(name, value, "127.0.0.1")

  @Test
  fun `Changes by responses and by the host are told once each, until it is closed`() =
    withClient { client ->
      val told = Told()
      val listening = client.cookies.onChange(told)
      client.set("a=1; Path=/")
      client.set("a=1; Path=/") // no change
      client.set("a=2; Path=/", "b=1; Path=/")
      client.set("a=; Path=/; Max-Age=0")
      client.set("a=; Path=/; Max-Age=0") // nothing is there
      client.cookies.set(listOf(cookie("c"), cookie("d")))
      client.cookies.set(cookie("c")) // no change
      client.cookies.delete("d", "127.0.0.1", "/")
      client.cookies.setLine("${Server.http}/", "c=2")
      client.cookies.clear("127.0.0.1")
      client.cookies.clear()
      val order = listOf("+a=1", "+a=2", "+b=1", "-a=2", "+c=1", "+d=1", "-d=1", "+c=2")
      assertEquals(order, told.changes.take(8))
      assertEquals(setOf("-b=1", "-c=2"), told.changes.drop(8).toSet())
      assertEquals(10, told.changes.size)

      listening.close()
      listening.close()
      client.set("a=3")
      client.cookies.set(cookie("e"))
      assertEquals(10, told.changes.size)
    }

  @Test
  fun `A change has all of the cookie, and shows none of it by itself`() = withClient { client ->
    val changes = CopyOnWriteArrayList<CookieChange>()
    client.cookies.onChange(changes::add)
    val cookie = Cookie("secret", "secret", ".secret.example.com") {
      path = "/a"
      expiresAtMillis = System.currentTimeMillis() + 100_000
      secure = true
      httpOnly = true
      sameSite = SameSite.STRICT
    }
    client.cookies.set(cookie)
    client.cookies.clear()
    val (set, removed) = changes
    assertEquals(cookie, (set as CookieChange.Set).cookie)
    assertEquals(cookie, (removed as CookieChange.Removed).cookie)
    assertFalse("secret" in "$set $removed", "$set $removed")
  }

  @Test
  fun `Where one thread makes changes they are told on it`() = withClient { client ->
    val (host, responses) = Told() to Told()
    val name = Thread.currentThread().name
    client.cookies.onChange(host).use { client.cookies.set(cookie("a")) }
    assertEquals(setOf(Thread.currentThread()), host.threads)
    assertEquals(name, Thread.currentThread().name)

    client.cookies.onChange(responses)
    repeat(50) { client.set("a=$it") }
    assertEquals(50, responses.changes.size)
    assertTrue(responses.threads.size <= 2, "${responses.threads}")
    for (thread in responses.threads) {
      assertEquals("gadget-request", thread.name.take(14))
      assertTrue(thread.isDaemon)
    }
  }

  @Test
  fun `A listener may look at the jar, change it, and end itself`() = withClient { client ->
    val told = CopyOnWriteArrayList<String>()
    var listening: AutoCloseable? = null
    listening = client.cookies.onChange { change ->
      told += "${text(change)} of ${client.cookies.list().size}"
      if (change is CookieChange.Removed) return@onChange
      when (change.cookie.name) {
        "a" -> client.cookies.set(cookie("b"))
        "b" -> client.cookies.clear()
        "end" -> listening!!.close()
      }
    }
    client.cookies.set(listOf(cookie("a"), cookie("c")))
    client.cookies.set(listOf(cookie("end"), cookie("behind")))
    // What it changes is told behind what was at hand.
    assertEquals(listOf("+a=1 of 2", "+c=1 of 3", "+b=1 of 3"), told.take(3))
    assertEquals(setOf("-a=1 of 0", "-b=1 of 0", "-c=1 of 0"), told.subList(3, 6).toSet())
    // The second of these was at hand when it ended.
    assertEquals(listOf("+end=1 of 2"), told.drop(6))
  }

  @Test
  fun `What a listener throws reaches the uncaught exception handler and hurts nothing`() =
    withClient { client ->
      val caught = ConcurrentLinkedQueue<Throwable>()
      val before = Thread.getDefaultUncaughtExceptionHandler()
      Thread.setDefaultUncaughtExceptionHandler { _, thrown -> caught.add(thrown) }
      try {
        for (thrown in listOf(IllegalStateException("on purpose"), AssertionError("on purpose"))) {
          val throwing = client.cookies.onChange { throw thrown }
          val told = Told()
          val listening = client.cookies.onChange(told)
          assertEquals(200, client.set("a=1; Path=/").status)
          assertSame(thrown, caught.poll())
          client.cookies.set(cookie("b"))
          assertSame(thrown, caught.poll())
          assertEquals(listOf("+a=1", "+b=1"), told.changes)
          assertEquals(listOf("a=1; b=1"), client.sent())
          throwing.close()
          listening.close()
          client.cookies.clear()
        }
        assertEquals(0, caught.size)
      } finally {
        Thread.setDefaultUncaughtExceptionHandler(before)
      }
    }

  @Test
  fun `A listener lives as long as the client, not as what would close it`() {
    val told = Told()
    val client = GadgetClient(ClientConfig())
    client.cookies.onChange(told)
    repeat(10) {
      System.gc()
      Thread.sleep(20)
    }
    client.cookies.set(cookie("a"))
    assertEquals(listOf("+a=1"), told.changes)
    client.close()
    client.cookies.set(cookie("b"))
    client.cookies.onChange(told).close()
    assertEquals(listOf("+a=1"), told.changes)
  }

  @Test
  fun `A closed client hears nothing of the jar that it shared`(@TempDir folder: File) {
    val config = ClientConfig { cookieDir = folder.path }
    val (one, other) = GadgetClient(config) to GadgetClient(config)
    other.use {
      val told = Told()
      val listening = one.cookies.onChange(told)
      other.cookies.set(cookie("a"))
      one.close()
      other.cookies.set(cookie("b"))
      assertEquals(listOf("+a=1"), told.changes)
      listening.close()
    }
  }

  @Test
  fun `Changes on eight threads are told in their order, one at a time`() = withClient { client ->
    val (told, atOnce) = ConcurrentLinkedQueue<String>() to AtomicInteger()
    val mostAtOnce = AtomicInteger()
    client.cookies.onChange { change ->
      mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), ::maxOf)
      told += change.cookie.value
      atOnce.decrementAndGet()
    }
    val threads = List(8) { number ->
      thread { repeat(200) { client.cookies.set(cookie("a", "$number ${1000 + it}")) } }
    }
    threads.forEach { it.join() }
    eventually("all is told") { told.size == 1600 }
    assertEquals(1, mostAtOnce.get())
    for (ofOneThread in told.groupBy { it[0] }.values) {
      assertEquals(ofOneThread.sorted(), ofOneThread)
    }
    assertEquals(client.cookies.list().single().value, told.last())
  }

  @Test
  fun `Of five hundred responses at once each change is told once`() = withClient { client ->
    val (set, removed) = ConcurrentHashMap.newKeySet<String>() to AtomicInteger()
    val twice = AtomicInteger()
    client.cookies.onChange { change ->
      when (change) {
        is CookieChange.Set -> if (!set.add(change.cookie.value)) twice.incrementAndGet()
        is CookieChange.Removed -> removed.incrementAndGet()
      }
    }
    coroutineScope { List(500) { async { client.set("name-$it=$it") } }.awaitAll() }
    assertEquals((0 until 500).map { "$it" }.toSet(), set)
    assertEquals(0, twice.get())
    // A domain has room for 180.
    assertEquals(180 to 320, client.cookies.list().size to removed.get())
  }

  /** As CookieManager takes lines: as a browser does, which the jar of a client does too. */
  private class WebView {
    private val cookies = GadgetClient(ClientConfig()).cookies
    val list get() = cookies.list().toSet()

    fun setCookie(url: String, line: String) {
      cookies.setLine(url, line)
    }
  }

  /** The example of [CookieJar]. */
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
  fun `A WebView is kept in step by the example's few lines`() = withClient { client ->
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
  fun `What the example has not yet copied when the client is closed is copied behind it`() {
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

  private companion object {
    fun text(change: CookieChange): String {
      val sign = if (change is CookieChange.Set) "+" else "-"
      return "$sign${change.cookie.name}=${change.cookie.value}"
    }
  }
}
