package dev.gadget.request

import dev.gadget.request.internal.Engine
import dev.gadget.request.internal.NativeEngine
import dev.gadget.request.internal.UniffiEngine
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.IOException
import java.lang.ref.WeakReference
import java.net.InetSocketAddress
import java.net.Proxy
import java.net.SocketAddress
import java.net.URI
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch

/** The test server answers for any host, if it is the proxy. */
class ProxySelectorTest {
  private val there = "http://somewhere.invalid/secret?path"
  private val unresolved = "305 name not resolved"
  private val failed = "305 proxy failed"

  /** Answers with [answer], and keeps the origins. */
  private class Chooser(private val answer: (String) -> String?) : ProxySelector {
    val asked = ConcurrentLinkedQueue<String>()

    override fun select(origin: String): String? {
      asked += origin
      return answer(origin)
    }
  }

  private fun <T> withSelector(
    selector: ProxySelector,
    config: ClientConfig = ClientConfig(),
    block: suspend (GadgetClient) -> T,
  ): T = GadgetClient(config) { proxySelector = selector }.use { runBlocking { block(it) } }

  /** The status, or the error. */
  private suspend fun GadgetClient.call(url: String = there): String = try {
    "${request(RequestOptions(url)).status}"
  } catch (error: GadgetException) {
    "${error.errno.code} ${error.detail}"
  }

  @Test
  fun `The selector is asked for each request by its origin, and its proxy is used`() {
    val chooser = Chooser { if ("somewhere" in it) Server.http else null }
    withSelector(chooser) { client ->
      val counter = Server.counter()
      repeat(2) { assertEquals("200", client.call("http://somewhere.invalid/?counter=$counter")) }
      assertEquals(2, Server.count(counter, "total"))
      assertEquals("204", client.call("${Server.http}/status/204"))
      val origins = List(2) { "http://somewhere.invalid/" } + "${Server.http}/"
      assertEquals(origins, chooser.asked.toList())
    }
  }

  @Test
  fun `A selector that throws or answers garbage fails the call with 305, and the next is asked`() {
    val answers = listOf<() -> String?>(
      { throw IOException("s3cr3t") },
      { throw OutOfMemoryError("s3cr3t") },
      { "" },
      { "garbage" },
      { "ftp://127.0.0.1" },
      { "http://\ud800" },
      { "a".repeat(1 shl 20) },
      { Server.http },
    ).iterator()
    withSelector({ answers.next()() }) { client ->
      repeat(7) { assertEquals(failed, client.call(), "$it") }
      assertEquals("200", client.call())
    }
  }

  @Test
  fun `A selector that hangs is a timeout, and another takes its place`() {
    val isOver = CountDownLatch(1)
    val config = ClientConfig { connectTimeoutMs = 100 }
    withSelector({ null.also { isOver.await() } }, config) { client ->
      assertEquals("302 timeout", client.call())
      client.setProxySelector({ Server.http })
      assertEquals("200", client.call())
    }
    isOver.countDown()
  }

  @Test
  fun `A living client takes another proxy, a selector, and none, through both engines`() {
    for (engine in listOf<Engine>(NativeEngine("{}"), UniffiEngine("{}"))) {
      GadgetClient(engine).use { client ->
        runBlocking {
          assertEquals(unresolved, client.call())
          client.setProxy(Server.http)
          assertEquals("200", client.call())
          val wrong = refusal { client.setProxy("ftp://127.0.0.1") }
          assertTrue(wrong.startsWith("proxy: not an http, https, socks5 or socks5h URL"), wrong)
          refusal { client.setProxy(null, listOf("a b")) }
          assertEquals("200", client.call())
          client.setProxy(Server.http, listOf("*.invalid"))
          assertEquals(unresolved, client.call())
          client.setProxySelector({ Server.http })
          assertEquals("200", client.call())
          client.setProxy(null)
          assertEquals(unresolved, client.call())
        }
        client.close()
        client.setProxy("http://proxy:8080")
        client.setProxySelector({ null })
      }
    }
  }

  @Test
  fun `The hosts of the settings are not asked for, unless others are given`() {
    val chooser = Chooser { error("on purpose") }
    val config = ClientConfig { proxyBypass = listOf("somewhere.invalid") }
    withSelector(chooser, config) { client ->
      assertEquals(unresolved, client.call())
      client.setProxySelector(chooser)
      assertEquals(unresolved, client.call())
      assertTrue(chooser.asked.isEmpty())
      client.setProxySelector(chooser, emptyList())
      assertEquals(failed, client.call())
      refusal { client.setProxySelector(chooser, listOf("a b")) }
    }
  }

  @Test
  fun `A selector is released when another proxy takes its place`() {
    GadgetClient(ClientConfig()).use { client ->
      val released = choose(client)
      assertEquals("200", runBlocking { client.call() })
      client.setProxy(null)
      eventually("it is released") {
        System.gc()
        released.get() == null
      }
    }
  }

  /** Gives the client a selector that the caller's frame does not hold. */
  private fun choose(client: GadgetClient): WeakReference<Chooser> {
    val chooser = Chooser { Server.http }
    client.setProxySelector(chooser)
    return WeakReference(chooser)
  }

  /** The system, with these proxies. */
  private class Settings(private val proxies: List<Proxy>?) : java.net.ProxySelector() {
    override fun select(uri: URI): List<Proxy>? = proxies

    override fun connectFailed(uri: URI, address: SocketAddress, error: IOException) =
      error("the engine reports nothing")
  }

  private fun system(type: Proxy.Type, host: String) =
    SystemProxy(Settings(listOf(Proxy(type, InetSocketAddress.createUnresolved(host, 8080)))))
      .select("https://a.example/")

  @Test
  fun `The system's settings are taken in the engine's words`() {
    assertEquals("http://proxy:8080", system(Proxy.Type.HTTP, "proxy"))
    assertEquals("socks5h://proxy:8080", system(Proxy.Type.SOCKS, "proxy"))
    assertEquals("http://[fe80::1]:8080", system(Proxy.Type.HTTP, "fe80::1%wlan0"))
    for (proxies in listOf(null, emptyList(), listOf(Proxy.NO_PROXY))) {
      assertEquals(null, SystemProxy(Settings(proxies)).select("https://a.example/"))
    }
  }

  @Test
  fun `A client takes the proxy of the system's settings, as they are at each request`() {
    val before = java.net.ProxySelector.getDefault()
    try {
      withSelector(SystemProxy()) { client ->
        java.net.ProxySelector.setDefault(Settings(null))
        assertEquals(unresolved, client.call())
        val server = InetSocketAddress("127.0.0.1", Server.httpPort)
        java.net.ProxySelector.setDefault(Settings(listOf(Proxy(Proxy.Type.HTTP, server))))
        assertEquals("200", client.call())
        java.net.ProxySelector.setDefault(null)
        assertEquals(unresolved, client.call())
      }
    } finally {
      java.net.ProxySelector.setDefault(before)
    }
  }
}
