package dev.gadget.request

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class AppHeadersTest {
  private val elsewhere = "http://localhost:${Server.httpPort}/echo"
  private val names = listOf("x-token", "referer", "user-agent", "x-request-id")

  private fun sending(vararg appHeaders: AppHeaders) = ClientConfig {
    userAgent = "engine"
    referer = "engine"
    this.appHeaders = appHeaders.toList()
  }

  private val config = sending(
    AppHeaders(
      listOf("a.example", "127.0.0.1"),
      mapOf("X-Token" to "app", "Referer" to "app", "user-agent" to "中", "x-request-id" to ""),
    ),
  )

  private fun Received.own() = names.map { headers(it).single() }

  private fun RequestOptions.Builder.callers() = apply {
    names.forEach { header(it.uppercase(), "caller") }
  }

  @Test
  fun `App headers replace the headers of the caller and of the engine`() =
    withClient(config) { client ->
      assertEquals(listOf("app", "app", "中", ""), client.echoed("${Server.http}/echo").own())
      val callers = client.echoed("${Server.http}/echo") { callers() }
      assertEquals(listOf("app", "app", "中", ""), callers.own())
    }

  @Test
  fun `App headers never reach other hosts, redirects included`() = withClient(config) { client ->
    assertEquals(emptyList<String>(), client.echoed(elsewhere).headers("x-token"))
    for (url in listOf(elsewhere, redirecting(elsewhere))) {
      val (token, referer, agent, id) = client.echoed(url) { callers() }.own()
      assertEquals(listOf("caller", "engine", "caller"), listOf(token, referer, agent), url)
      assertEquals(53, id.length)
      assertEquals(emptyList<String>(), client.echoed(url).headers("x-token"), url)
    }
    val back = redirecting("${Server.http}/echo").replaceFirst("127.0.0.1", "localhost")
    assertEquals(listOf("app", "app", "中", ""), client.echoed(back).own())
  }

  @Test
  fun `If two entries set a header for a host, the later entry wins`() {
    val one = AppHeaders(listOf("127.0.0.1"), mapOf("x-token" to "1", "x-one" to "1"))
    val two = AppHeaders(listOf("127.0.0.1:${Server.httpPort}"), mapOf("X-TOKEN" to "2"))
    for ((entries, token) in listOf(arrayOf(one, two) to "2", arrayOf(two, one) to "1")) {
      withClient(sending(*entries)) { client ->
        val received = client.echoed("${Server.http}/echo")
        assertEquals(listOf(token), received.headers("x-token"))
        assertEquals(listOf("1"), received.headers("x-one"))
      }
    }
  }

  @Test
  fun `App headers are compared by value, and their text shows no header value`() {
    val (hosts, headers) = mutableListOf("a.com") to mutableMapOf("x-token" to "s3cr3t")
    val one = AppHeaders(hosts, headers)
    assertEquals("AppHeaders(hosts=[a.com], names=[x-token])", "$one")
    val same = AppHeaders(listOf("a.com"), mapOf("x-token" to "s3cr3t"))
    hosts += "b.com"
    headers["x-token"] = "other"
    assertEquals(same, one)
    assertEquals(same.hashCode(), one.hashCode())
    assertNotEquals(AppHeaders(hosts, one.headers), one)
    assertNotEquals(AppHeaders(one.hosts, headers), one)
    assertFalse(one.equals("s3cr3t"))
    assertTrue("s3cr3t" in ClientConfig { appHeaders = listOf(one) }.json)
    assertFalse("s3cr3t" in "${ClientConfig { appHeaders = listOf(one) }}")
  }
}
