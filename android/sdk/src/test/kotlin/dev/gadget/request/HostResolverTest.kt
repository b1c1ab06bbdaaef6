package dev.gadget.request

import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.IOException
import java.lang.ref.WeakReference
import java.net.Inet6Address
import java.net.InetAddress
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger

class HostResolverTest {
  private val home = address(127, 0, 0, 1)

  /** Answers with [answer], and keeps the names and threads of the questions. */
  private class Phonebook(private val answer: (String) -> List<InetAddress>?) : HostResolver {
    val asked = ConcurrentLinkedQueue<String>()
    val threads: MutableSet<Thread> = ConcurrentHashMap.newKeySet()
    private val atOnce = AtomicInteger()
    val mostAtOnce = AtomicInteger()

    override fun resolve(host: String): List<InetAddress>? {
      asked += host
      threads += Thread.currentThread()
      mostAtOnce.raiseTo(atOnce.incrementAndGet())
      try {
        return answer(host)
      } finally {
        atOnce.decrementAndGet()
      }
    }
  }

  private fun <T> withResolver(
    resolver: HostResolver,
    config: ClientConfig = ClientConfig(),
    block: suspend (GadgetClient) -> T,
  ): T = GadgetClient(config) { this.resolver = resolver }.use { runBlocking { block(it) } }

  /** A URL whose connection ends with the response. */
  private fun url(host: String) = "http://$host:${Server.httpPort}/close/1"

  /** The status, or the error. */
  private suspend fun GadgetClient.call(host: String): String = try {
    "${request(RequestOptions(url(host))).status}"
  } catch (error: GadgetException) {
    "${error.errno.code} ${error.detail}"
  }

  private val unresolved = "305 name not resolved"

  @Test
  fun `The resolver is asked for each new connection, except for fixed and loopback names`() {
    val phonebook = Phonebook { listOf(home) }
    val config = ClientConfig { resolve = listOf("fixed.example:${Server.httpPort}:127.0.0.1") }
    withResolver(phonebook, config) { client ->
      val hosts = listOf("a.EXAMPLE", "b\u00fccher.example", "a.example")
      val others = listOf("127.0.0.1", "localhost", "a.localhost", "fixed.example")
      for (host in hosts + others) assertEquals("200", client.call(host), host)
      val names = listOf("a.example", "xn--bcher-kva.example", "a.example")
      assertEquals(names, phonebook.asked.toList())

      repeat(5) { client.echoed("http://kept.example:${Server.httpPort}/echo") }
      assertEquals(names + "kept.example", phonebook.asked.toList())
    }
  }

  @Test
  fun `The certificate check and the host header use the name, not the address`() {
    val config = ClientConfig { rootsPem = Server.ca }
    withResolver({ listOf(home) }, config) { client ->
      val authority = "www.toutiao.com:${Server.httpsPort}"
      val host = client.echoed("https://$authority/echo").headers("host") +
        client.echoed("https://$authority/echo").headers(":authority")
      assertTrue(host.all { it == authority }, "$host")
      val wrong = client.errorOf(RequestOptions("https://wrong-host.example:${Server.httpsPort}"))
      assertEquals("tls: wrong host", wrong.detail)
    }
  }

  @Test
  fun `If the resolver throws, the call fails with 305, and the next call succeeds`() {
    val thrown = listOf(
      IOException("s3cr3t"),
      IllegalStateException("s3cr3t"),
      OutOfMemoryError("s3cr3t"),
      InterruptedException("s3cr3t"),
    ).iterator()
    withResolver({ if (it == "bad.example") throw thrown.next() else listOf(home) }) { client ->
      while (thrown.hasNext()) {
        assertEquals(unresolved, client.call("bad.example"))
        assertEquals("200", client.call("good.example"))
      }
    }
  }

  @Test
  fun `If the resolver returns null or no address, the system is asked`() {
    val known = InetAddress.getLocalHost().hostName
    for (answer in listOf(null, emptyList<InetAddress>())) {
      withResolver({ answer }) { client ->
        assertEquals(unresolved, client.call("nowhere.invalid"))
        // Nothing may listen there, but the system has an address.
        assertTrue(client.call(known) in listOf("200", "305 connection failed"), known)
      }
    }
  }

  @Test
  fun `A broken answer fails with 305, and one address that accepts is enough`() {
    val loopback6 = ByteArray(16).also { it[15] = 1 }
    val throwing = object : AbstractList<InetAddress>() {
      override val size get() = 1

      override fun get(index: Int) = error("on purpose")
    }

    @Suppress("UNCHECKED_CAST") // as in Java
    val holes = listOf(home, null) as List<InetAddress>
    for ((answer, outcome) in listOf(
      holes to unresolved,
      throwing to unresolved,
      listOf(address(127, 9, 9, 9)) to "305 connection failed",
      listOf(address(127, 9, 9, 9), home) to "200",
      // With a zone, which the engine's addresses do not have.
      listOf(Inet6Address.getByAddress(null, loopback6, 1), home) to "200",
      List(1000) { home } to "200",
    )) {
      withResolver({ answer }) { assertEquals(outcome, it.call("a.example"), outcome) }
    }
  }

  @Test
  fun `Addresses of the resolver are judged like addresses of the system`() {
    val linkLocal = byteArrayOf(-2, -128) + ByteArray(14)
    val zoned = Inet6Address.getByAddress(null, linkLocal, 1)
    val config = ClientConfig { allowPrivateAddresses = false }
    for (address in listOf(home, zoned, address(10, 0, 0, 1))) {
      withResolver({ listOf(address) }, config) {
        assertEquals("110 private address not allowed", it.call("a.example"), "$address")
      }
    }
  }

  @Test
  fun `The resolver is asked for the proxy, not for names that the proxy looks up`() {
    val phonebook = Phonebook { listOf(home) }
    val config = ClientConfig { proxy = "http://proxy.example:${Server.httpPort}" }
    withResolver(phonebook, config) { client ->
      assertEquals(200, client.request(RequestOptions("http://a.example/echo")).status)
      assertEquals(listOf("proxy.example"), phonebook.asked.toList())
    }
  }

  @Test
  fun `Hundreds of calls may ask the resolver at once, on daemon threads of the engine`() {
    val phonebook = Phonebook {
      Thread.sleep(20)
      listOf(home)
    }
    withResolver(phonebook) { one ->
      withResolver(phonebook) { other ->
        coroutineScope {
          val calls = List(300) { async { (if (it % 2 == 0) one else other).call("$it.example") } }
          assertEquals(setOf("200"), calls.awaitAll().toSet())
        }
      }
    }
    assertEquals(List(300) { "$it.example" }.toSet(), phonebook.asked.toSet())
    assertEquals(300, phonebook.asked.size)
    assertTrue(phonebook.mostAtOnce.get() in 2..20, "${phonebook.mostAtOnce}")
    for (thread in phonebook.threads) {
      assertEquals("gadget-request", thread.name.take(14))
      assertTrue(thread.isDaemon)
    }
  }

  @Test
  fun `A resolver may make a call of another client`() = withClient { http ->
    val asking = HostResolver { host ->
      val text = "${Server.http}/status/200?body=127.0.0.1"
      val answer = runBlocking { http.request(RequestOptions(text)) }.text
      if (host == "a.example") listOf(InetAddress.getByName(answer)) else null
    }
    withResolver(asking) { client ->
      coroutineScope {
        val calls = List(50) { async { client.call("a.example") } }
        assertEquals(setOf("200"), calls.awaitAll().toSet())
      }
    }
  }

  @Test
  fun `The resolver's time is part of the time to connect, and an ended call does not wait`() {
    val (asked, go) = CountDownLatch(3) to CountDownLatch(1)
    val waiting = HostResolver {
      asked.countDown()
      go.await()
      listOf(home)
    }
    try {
      withResolver(waiting, ClientConfig { connectTimeoutMs = 50 }) { client ->
        assertEquals("302 timeout", client.call("a.example"))
      }
      val client = GadgetClient(ClientConfig()) { resolver = waiting }
      val (aborted, closed) = Recorder() to Recorder()
      val task = client.enqueue(RequestOptions(url("b.example")), aborted)
      client.enqueue(RequestOptions(url("c.example")), closed)
      asked.await()
      task.abort()
      assertEquals("abort", aborted.error().detail)
      client.close()
      assertEquals("client closed", closed.error().detail)
    } finally {
      go.countDown()
    }
  }

  @Test
  fun `A resolver lives as long as its client, and no longer`() {
    val (client, resolver) = made()
    repeat(10) {
      System.gc()
      Thread.sleep(20)
    }
    assertNotNull(resolver.get())
    assertEquals("200", runBlocking { client.call("a.example") })
    client.close()
    eventually("it is collected") {
      System.gc()
      resolver.get() == null
    }
    assertEquals("301 client closed", runBlocking { client.call("a.example") })
  }

  private fun made(): Pair<GadgetClient, WeakReference<HostResolver>> {
    val phonebook = Phonebook { listOf(address(127, 0, 0, 1)) }
    return GadgetClient(ClientConfig()) { resolver = phonebook } to WeakReference(phonebook)
  }

  @Test
  fun `A client that nobody holds is collected with its resolver`() {
    val resolver = made().second
    eventually("it is collected") {
      System.gc()
      resolver.get() == null
    }
  }

  @Test
  fun `A builder makes any number of clients, each with its values at that time`() {
    val builder = GadgetClient.Builder(ClientConfig())
    val without = builder.build()
    val with = builder.apply { resolver = HostResolver { listOf(home) } }.build()
    without.use { assertEquals(unresolved, runBlocking { it.call("nowhere.invalid") }) }
    with.use { assertEquals("200", runBlocking { it.call("nowhere.invalid") }) }
  }
}
