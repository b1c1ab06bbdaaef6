package dev.gadget.request

import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
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
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

class CookieListenerTest {
  /** Keeps the changes that it gets, and their threads. */
  private class Recording : CookieListener {
    val changes = CopyOnWriteArrayList<String>()
    val threads: MutableSet<Thread> = ConcurrentHashMap.newKeySet()

    override fun onChange(change: CookieChange) {
      threads += Thread.currentThread()
      changes += text(change)
    }
  }

  private fun cookie(name: String, value: String = "1") = Cookie(name, value, "127.0.0.1")

  @Test
  fun `Each change by a response or by the host app is reported once, until close`() =
    withClient { client ->
      val reported = Recording()
      val listening = client.cookies.onChange(reported)
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
      assertEquals(order, reported.changes.take(8))
      assertEquals(setOf("-b=1", "-c=2"), reported.changes.drop(8).toSet())
      assertEquals(10, reported.changes.size)

      listening.close()
      listening.close()
      client.set("a=3")
      client.cookies.set(cookie("e"))
      assertEquals(10, reported.changes.size)
    }

  @Test
  fun `A change has the whole cookie, and its text shows none of it`() = withClient { client ->
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
  fun `If one thread makes all changes, they are reported on it`() = withClient { client ->
    val (host, responses) = Recording() to Recording()
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
  fun `A listener may list the jar, change it, and close itself`() = withClient { client ->
    val reported = CopyOnWriteArrayList<String>()
    var listening: AutoCloseable? = null
    listening = client.cookies.onChange { change ->
      reported += "${text(change)} of ${client.cookies.list().size}"
      if (change is CookieChange.Removed) return@onChange
      when (change.cookie.name) {
        "a" -> client.cookies.set(cookie("b"))
        "b" -> client.cookies.clear()
        "end" -> listening!!.close()
      }
    }
    client.cookies.set(listOf(cookie("a"), cookie("c")))
    client.cookies.set(listOf(cookie("end"), cookie("behind")))
    // Its own changes are reported after the changes that were already due.
    assertEquals(listOf("+a=1 of 2", "+c=1 of 3", "+b=1 of 3"), reported.take(3))
    assertEquals(setOf("-a=1 of 0", "-b=1 of 0", "-c=1 of 0"), reported.subList(3, 6).toSet())
    // The listener was closed before the second of these was reported.
    assertEquals(listOf("+end=1 of 2"), reported.drop(6))
  }

  @Test
  fun `What a listener throws reaches the uncaught exception handler, and nothing fails`() =
    withClient { client ->
      val caught = ConcurrentLinkedQueue<Throwable>()
      val before = Thread.getDefaultUncaughtExceptionHandler()
      Thread.setDefaultUncaughtExceptionHandler { _, thrown -> caught.add(thrown) }
      try {
        for (thrown in listOf(IllegalStateException("on purpose"), AssertionError("on purpose"))) {
          val throwing = client.cookies.onChange { throw thrown }
          val reported = Recording()
          val listening = client.cookies.onChange(reported)
          assertEquals(200, client.set("a=1; Path=/").status)
          assertSame(thrown, caught.poll())
          client.cookies.set(cookie("b"))
          assertSame(thrown, caught.poll())
          assertEquals(listOf("+a=1", "+b=1"), reported.changes)
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
  fun `A listener lives as long as its client, even if nobody holds what closes it`() {
    val reported = Recording()
    val client = GadgetClient(ClientConfig())
    client.cookies.onChange(reported)
    repeat(10) {
      System.gc()
      Thread.sleep(20)
    }
    client.cookies.set(cookie("a"))
    assertEquals(listOf("+a=1"), reported.changes)
    client.close()
    client.cookies.set(cookie("b"))
    client.cookies.onChange(reported).close()
    assertEquals(listOf("+a=1"), reported.changes)
  }

  @Test
  fun `A closed client gets no changes of a jar that it shared`(@TempDir folder: File) {
    val config = ClientConfig { cookieDir = folder.path }
    val (one, other) = GadgetClient(config) to GadgetClient(config)
    other.use {
      val reported = Recording()
      val listening = one.cookies.onChange(reported)
      other.cookies.set(cookie("a"))
      one.close()
      other.cookies.set(cookie("b"))
      assertEquals(listOf("+a=1"), reported.changes)
      listening.close()
    }
  }

  @Test
  fun `Changes on eight threads are reported in order, one at a time`() = withClient { client ->
    val (reported, atOnce) = ConcurrentLinkedQueue<String>() to AtomicInteger()
    val mostAtOnce = AtomicInteger()
    client.cookies.onChange { change ->
      mostAtOnce.raiseTo(atOnce.incrementAndGet())
      reported += change.cookie.value
      atOnce.decrementAndGet()
    }
    val threads = List(8) { number ->
      thread { repeat(200) { client.cookies.set(cookie("a", "$number ${1000 + it}")) } }
    }
    threads.forEach { it.join() }
    eventually("all is reported") { reported.size == 1600 }
    assertEquals(1, mostAtOnce.get())
    for (ofOneThread in reported.groupBy { it[0] }.values) {
      assertEquals(ofOneThread.sorted(), ofOneThread)
    }
    assertEquals(client.cookies.list().single().value, reported.last())
  }

  @Test
  fun `Each change of five hundred responses at once is reported once`() = withClient { client ->
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

  private companion object {
    fun text(change: CookieChange): String {
      val sign = if (change is CookieChange.Set) "+" else "-"
      return "$sign${change.cookie.name}=${change.cookie.value}"
    }
  }
}
