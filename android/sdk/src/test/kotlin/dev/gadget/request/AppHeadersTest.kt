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
      mapOf("X-Token" to "host", "Referer" to "host", "user-agent" to "中", "x-request-id" to ""),
    ),
  )

  private fun Received.own() = names.map { headers(it).single() }

  private fun RequestOptions.Builder.callers() = apply {
    names.forEach { header(it.uppercase(), "caller") }
  }

  @Test
  fun `They reach their hosts in the place of the caller's and the engine's own`() =
    withClient(config) { client ->
      assertEquals(listOf("host", "host", "中", ""), client.echoed("${Server.http}/echo").own())
      val callers = client.echoed("${Server.http}/echo") { callers() }
      assertEquals(listOf("host", "host", "中", ""), callers.own())
    }

  @Test
  fun `They are not sent to other hosts, be it by a redirect`() = withClient(config) { client ->
    assertEquals(emptyList<String>(), client.echoed(elsewhere).headers("x-token"))
    for (url in listOf(elsewhere, redirecting(elsewhere))) {
      val (token, referer, agent, id) = client.echoed(url) { callers() }.own()
      assertEquals(listOf("caller", "engine", "caller"), listOf(token, referer, agent), url)
      assertEquals(53, id.length)
      assertEquals(emptyList<String>(), client.echoed(url).headers("x-token"), url)
    }
    val back = redirecting("${Server.http}/echo").replaceFirst("127.0.0.1", "localhost")
    assertEquals(listOf("host", "host", "中", ""), client.echoed(back).own())
  }

  @Test
  fun `Of two entries for a host the later wins, name by name`() {
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
  fun `They are values, which show none of theirs by themselves`() {
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
