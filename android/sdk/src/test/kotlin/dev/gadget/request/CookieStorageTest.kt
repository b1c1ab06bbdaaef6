package dev.gadget.request

import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.io.IOException
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger

class CookieStorageTest {
  /** Stands for encrypted preferences. */
  private class Preferences(@Volatile var kept: ByteArray? = null) : CookieStorage {
    val loads = AtomicInteger()
    val saves = AtomicInteger()
    val setAsides = AtomicInteger()
    val atOnce = AtomicInteger()
    val mostAtOnce = AtomicInteger()
    val threads: MutableSet<Thread> = ConcurrentHashMap.newKeySet()

    @Volatile
    var failure: Throwable? = null

    override fun load(): ByteArray? {
      loads.incrementAndGet()
      threads += Thread.currentThread()
      failure?.let { throw it }
      return kept
    }

    override fun save(bytes: ByteArray) {
      saves.incrementAndGet()
      threads += Thread.currentThread()
      mostAtOnce.raiseTo(atOnce.incrementAndGet())
      try {
        Thread.sleep(5)
        failure?.let { throw it }
        kept = bytes
      } finally {
        atOnce.decrementAndGet()
      }
    }

    override fun setAside() {
      setAsides.incrementAndGet()
      kept = null
      failure?.let { throw it }
    }

    val counts get() = listOf(loads.get(), saves.get(), setAsides.get())
  }

  private fun <T> withStorage(
    storage: CookieStorage,
    config: ClientConfig = ClientConfig(),
    block: suspend (GadgetClient) -> T,
  ): T = GadgetClient(config) { cookieStorage = storage }.use { client ->
    runBlocking { block(client) }
  }

  private fun longLived(name: String, value: String = "1") =
    Cookie(name, value, "127.0.0.1") { expiresAtMillis = System.currentTimeMillis() + 1_000_000 }

  private val GadgetClient.names get() = cookies.list().map { it.name }

  private val failures = listOf(
    IOException("on purpose"),
    IllegalStateException("on purpose"),
    OutOfMemoryError("on purpose"),
  )

  @Test
  fun `Cookies outlive the client in the storage, cookies of the session do not`() {
    val preferences = Preferences()
    val cookie = longLived("a", "中文")
    withStorage(preferences) { client ->
      assertEquals(listOf(0, 0, 0), preferences.counts)
      client.cookies.set(cookie)
      client.set("b=2; Max-Age=1000; Path=/", "session=1")
      assertEquals(listOf("a", "b", "session"), client.names)
      client.cookies.save()
    }
    assertEquals(1, preferences.loads.get())
    withStorage(preferences) { client ->
      assertEquals(listOf("a=中文; b=2"), client.sent())
      assertEquals(cookie, client.cookies.list()[0])
    }
    assertEquals(2 to 0, preferences.loads.get() to preferences.setAsides.get())
  }

  @Test
  fun `A storage replaces the folder`(@TempDir folder: File) {
    val preferences = Preferences()
    withStorage(preferences, ClientConfig { cookieDir = folder.path }) { client ->
      client.cookies.set(longLived("a"))
      client.cookies.save()
    }
    assertTrue(preferences.kept!!.isNotEmpty())
    assertEquals(emptyList<String>(), folder.list()!!.toList())
    withClient(ClientConfig { cookieDir = folder.path }) {
      assertEquals(emptyList<String>(), it.names)
    }
  }

  @Test
  fun `A change is saved soon, by save, and after close, and never twice`() {
    val preferences = Preferences()
    val client = GadgetClient(ClientConfig()) { cookieStorage = preferences }
    client.cookies.set(longLived("a"))
    assertEquals(0, preferences.saves.get())
    eventually("it is saved") { preferences.saves.get() == 1 }
    client.cookies.set(longLived("b"))
    client.cookies.save()
    assertEquals(2, preferences.saves.get())
    client.cookies.save()
    client.cookies.set(Cookie("session", "1", "127.0.0.1"))
    client.cookies.save()
    assertEquals(2, preferences.saves.get())
    client.cookies.set(longLived("c"))
    val kept = preferences.kept
    client.close()
    eventually("it is saved") { preferences.kept !== kept }
    client.cookies.save()
    client.close()
    assertEquals(listOf(1, 3, 0), preferences.counts)
    withStorage(preferences) { assertEquals(listOf("a", "b", "c"), it.names) }
  }

  @Test
  fun `Cookies that cannot be loaded now are not lost, and are loaded later`() {
    for (thrown in failures) {
      val preferences = Preferences()
      withStorage(preferences) {
        it.cookies.set(listOf(longLived("a"), longLived("b")))
        it.cookies.save()
      }
      val kept = preferences.kept
      preferences.failure = thrown
      withStorage(preferences) { client ->
        assertEquals(emptyList<String>(), client.sent())
        assertEquals(emptyList<String>(), client.names)
        client.cookies.set(longLived("a", "newer"))
        assertThrows(IOException::class.java) { client.cookies.save() }
      }
      assertSame(kept, preferences.kept, "a client that could not load saves nothing")
      withStorage(preferences) { client ->
        client.cookies.set(longLived("a", "newer"))
        assertEquals(listOf("a=newer"), client.sent())
        preferences.failure = null
        // This asks the storage at once. Calls ask it once a second.
        assertEquals(listOf("a", "b"), client.names.sorted())
        assertEquals(setOf("a=newer", "b=1"), client.sent().single().split("; ").toSet())
        val loads = preferences.loads.get()
        client.cookies.save()
        // A thread of the engine may have saved them before.
        val (loadsAfter, saves, setAsides) = preferences.counts
        assertEquals(loads to 0, loadsAfter to setAsides)
        assertTrue(saves in 2..3, "$saves saves")
      }
      withStorage(preferences) { client ->
        assertEquals(setOf("a" to "newer", "b" to "1"), client.cookies.list().pairs())
      }
    }
  }

  private fun List<Cookie>.pairs() = map { it.name to it.value }.toSet()

  @Test
  fun `Cookies that cannot be saved stay in the jar, and are saved later`() {
    for (thrown in failures) {
      val preferences = Preferences()
      withStorage(preferences) { client ->
        assertEquals(emptyList<String>(), client.names)
        preferences.failure = thrown
        assertEquals(200, client.set("a=1; Max-Age=1000; Path=/").status)
        val error = assertThrows(IOException::class.java) { client.cookies.save() }
        assertEquals("the cookies could not be saved", error.message)
        assertTrue(preferences.saves.get() > 0)
        assertNull(preferences.kept)
        assertEquals(listOf("a=1"), client.sent())
        preferences.failure = null
        client.cookies.save()
        assertNotNull(preferences.kept)
      }
      withStorage(preferences) { assertEquals(listOf("a"), it.names) }
    }
  }

  @Test
  fun `Damaged bytes are set aside, even if that throws, and the jar starts empty`() {
    val whole = Preferences().also { preferences ->
      withStorage(preferences) {
        it.cookies.set(longLived("a"))
        it.cookies.save()
      }
    }.kept!!
    val damages = listOf(
      ByteArray(0),
      "nonsense".encodeToByteArray(),
      whole.copyOf(whole.size - 1),
      whole + 0,
      whole.copyOf().also { it[it.size / 2]++ },
    )
    for ((i, damage) in damages.withIndex()) {
      val preferences = object : CookieStorage by Preferences(damage) {}
      withStorage(preferences) { client ->
        assertEquals(emptyList<String>(), client.names, "$i")
        client.cookies.set(longLived("b"))
        client.cookies.save()
      }
      withStorage(preferences) { assertEquals(listOf("b"), it.names) }
    }
    for (thrown in failures) {
      val preferences = Preferences(damages[1])
      val throwing = object : CookieStorage by preferences {
        override fun setAside() {
          preferences.setAside()
          throw thrown
        }
      }
      withStorage(throwing) { client ->
        assertEquals(emptyList<String>(), client.sent())
        client.cookies.set(longLived("b"))
        client.cookies.save()
      }
      assertEquals(1, preferences.setAsides.get())
      withStorage(throwing) { assertEquals(listOf("b"), it.names) }
    }
  }

  @Test
  fun `A storage need not implement setAside`() {
    val storage = object : CookieStorage {
      override fun load() = "nonsense".encodeToByteArray()

      override fun save(bytes: ByteArray) = Unit
    }
    withStorage(storage) { assertEquals(emptyList<String>(), it.names) }
  }

  @Test
  fun `A wrong setting is refused before the storage is used`() {
    val preferences = Preferences()
    val config = ClientConfig.ofJson("""{"cookie_policy":{"jar":1}}""")
    val error = assertThrows(IllegalArgumentException::class.java) {
      GadgetClient(config) { cookieStorage = preferences }
    }
    assertTrue("cookie_policy" in error.message!!, error.message)
    assertEquals(listOf(0, 0, 0), preferences.counts)
  }

  @Test
  fun `Five hundred responses never cause two saves at once, and daemon threads save`() {
    val preferences = Preferences()
    withStorage(preferences) { client ->
      client.cookies.onChange { if (it.cookie.name == "name-0") client.cookies.save() }
      coroutineScope {
        List(500) { async { client.set("name-${it % 50}=$it; Max-Age=1000") } }.awaitAll()
      }
      client.cookies.set(longLived("last"))
      eventually("all is saved") {
        preferences.kept?.decodeToString()?.contains("last") == true
      }
      assertEquals(51, client.cookies.list().size)
    }
    assertEquals(1, preferences.mostAtOnce.get())
    assertEquals(1 to 0, preferences.loads.get() to preferences.setAsides.get())
    val engines = preferences.threads - Thread.currentThread()
    assertFalse(engines.isEmpty())
    for (thread in engines) {
      assertEquals("gadget-request", thread.name.take(14))
      assertTrue(thread.isDaemon)
    }
    withStorage(preferences) { assertEquals(51, it.cookies.list().size) }
  }
}
