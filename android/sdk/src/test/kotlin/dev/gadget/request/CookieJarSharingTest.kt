package dev.gadget.request

import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.concurrent.thread

/** A jar that several clients, threads or responses use. */
class CookieJarSharingTest {
  private val none = emptyList<String>()

  @Test
  fun `Clients with the same folder and app id share a jar`(@TempDir folder: File) {
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
  fun `Five hundred responses at once fill the room of a domain`() = withClient { client ->
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
