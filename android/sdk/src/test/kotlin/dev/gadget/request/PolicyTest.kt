package dev.gadget.request

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import java.net.ServerSocket
import java.net.SocketTimeoutException
import java.util.concurrent.atomic.AtomicInteger

/** Errno 110 (docs/contract.md#what-the-host-app-allows). The engine's tests have all spellings. */
class PolicyTest {
  private val none = "none"

  /** The detail of a call that is prohibited; `none` if it has a response. */
  private suspend fun GadgetClient.prohibition(url: String): String {
    val counter = Server.counter()
    val query = if ('?' in url) "&" else "?"
    val error = try {
      request(RequestOptions("$url${query}counter=$counter"))
      return none
    } catch (error: GadgetException) {
      error
    }
    assertEquals(Errno.PROHIBITED to "API call prohibited", error.errno to error.errString)
    assertEquals("request:fail ${error.detail}", error.message)
    if ("/redirect/" !in url) assertEquals(0, Server.count(counter, "total"), url)
    return error.detail
  }

  @Test
  fun `Only allowed hosts are requested, redirects included`() {
    val (port, elsewhere) = Server.httpPort to "http://localhost:${Server.httpPort}/echo"
    withClient(ClientConfig { allowedHosts = listOf("a.example", "127.0.0.1:$port") }) { client ->
      assertEquals(none, client.prohibition("${Server.http}/echo"))
      assertEquals("host not allowed", client.prohibition(elsewhere))
      assertEquals("host not allowed", client.prohibition(Server.https))
      assertEquals("host not allowed", client.prohibition("http://b.a.example/"))
      assertEquals("host not allowed", client.prohibition(redirecting(elsewhere)))
      assertEquals(none, client.prohibition(redirecting("${Server.http}/echo")))
    }
    withClient(ClientConfig { allowedHosts = listOf("*.localhost") }) { client ->
      assertEquals(none, client.prohibition("http://a.localhost:$port/echo"))
      assertEquals("host not allowed", client.prohibition(elsewhere))
    }
    withClient(ClientConfig { allowedHosts = emptyList() }) { client ->
      assertEquals("host not allowed", client.prohibition(Server.http))
    }
    withClient(ClientConfig()) { assertEquals(none, it.prohibition(elsewhere)) }
  }

  @Test
  fun `Cleartext is not requested if it is not allowed, redirects included`() {
    val config = ClientConfig {
      allowCleartext = false
      rootsPem = Server.ca
    }
    withClient(config) { client ->
      assertEquals("cleartext not allowed", client.prohibition(Server.http))
      assertEquals(none, client.prohibition("${Server.https}/echo"))
      val down = redirecting("${Server.http}/echo").replace(Server.http, Server.https)
      assertEquals("cleartext not allowed", client.prohibition(down))
    }
  }

  @Test
  fun `If private addresses are not allowed, none is connected to`() {
    val port = Server.httpPort
    val config = ClientConfig {
      allowPrivateAddresses = false
      resolve = listOf("inside.example:$port:127.0.0.1")
    }
    withClient(config) { client ->
      for (host in listOf("127.0.0.1", "2130706433", "[::1]", "localhost", "inside.example")) {
        assertEquals("private address not allowed", client.prohibition("http://$host:$port/"), host)
      }
    }
  }

  @Test
  fun `Allowed private networks are the only exceptions`() {
    val port = Server.httpPort
    for (network in listOf("127.0.0.1", "127.0.0.1/32", "127.0.0.0/31")) {
      val config = ClientConfig {
        allowPrivateAddresses = false
        allowedPrivateNetworks = listOf("10.0.0.0/8", network)
      }
      withClient(config) { client ->
        assertEquals(none, client.prohibition("${Server.http}/echo"))
        assertEquals(none, client.prohibition("http://localhost:$port/echo"))
        for (host in listOf("127.0.0.2", "192.168.0.1", "[::1]")) {
          val url = "http://$host:$port/"
          assertEquals("private address not allowed", client.prohibition(url), url)
          assertEquals("private address not allowed", client.prohibition(redirecting(url)), url)
        }
      }
    }
  }

  @Test
  fun `The judged address is the one that is connected to`() {
    val asked = AtomicInteger()
    val config = ClientConfig {
      allowPrivateAddresses = false
      allowedPrivateNetworks = listOf("127.0.0.1")
    }
    val client = GadgetClient(config) {
      resolver = HostResolver { listOf(address(127, 0, 0, 1 + asked.getAndIncrement() % 2)) }
    }
    val url = "http://rebinding.example:${Server.httpPort}/close/2"
    ServerSocket(Server.httpPort, 1, address(127, 0, 0, 2)).use { inside ->
      client.use {
        // The connection ends with each response, so each call asks, exactly once.
        repeat(20) { call ->
          val prohibition = runBlocking { client.prohibition(url) }
          assertEquals(if (call % 2 == 0) none else "private address not allowed", prohibition)
          assertEquals(call + 1, asked.get())
        }
      }
      inside.soTimeout = 1
      assertThrows(SocketTimeoutException::class.java) { inside.accept() }
    }
  }
}
