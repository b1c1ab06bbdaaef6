package dev.gadget.request

import example.download
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.fold
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.ByteArrayOutputStream
import java.io.File

class StreamTest {
  private val origins = listOf(Server.http, "https://www.toutiao.com")

  private suspend fun Flow<ByteArray>.bytes(): ByteArray =
    fold(ByteArrayOutputStream()) { all, chunk -> all.apply { write(chunk) } }.toByteArray()

  private suspend fun <T> GadgetClient.streamed(
    url: String,
    block: suspend (StreamedResponse) -> T,
  ) = stream(RequestOptions(url), block)

  /** What a stream of this path throws. */
  private suspend fun GadgetClient.failureOf(path: String, sink: (ByteArray) -> Unit = {}) = try {
    streamed(Server.http + path) { it.body.collect { chunk -> sink(chunk) } }
    error("no failure")
  } catch (failure: GadgetException) {
    failure
  }

  @Test
  fun `The chunks are the body, decoded and in order, over both versions of HTTP`() =
    onBothWays { client ->
      val paths = listOf(
        "/bytes/300000",
        "/coded/gzip?zeros=300000",
        "/coded/br?body=text",
        "/coded/gzip,br?zeros=300000",
        "/chunks/300?size=1000",
        "/bytes/0",
      )
      for (url in origins.flatMap { origin -> paths.map { origin + it } }) {
        val whole = client.request(RequestOptions(url))
        client.streamed(url) { response ->
          assertEquals(200, response.status)
          assertEquals(whole.headers, response.head.headers, url)
          val chunks = response.body.onEach { assertTrue(it.isNotEmpty()) }
          assertArrayEquals(whole.body, chunks.bytes(), url)
          assertNotNull(response.timing!!.responseEnd)
          assertEquals(53, response.trace.length)
        }
        assertEquals(0, client.inFlight)
      }
    }

  @Test
  fun `The head is there before the body, and is that of the last response`() =
    onBothWays { client ->
      val counter = Server.counter()
      val silence = "${Server.http}/fault/silence-in-body?counter=$counter"
      val status = client.streamed(redirecting(silence)) { response ->
        assertEquals("1000", response.head.header("content-length"))
        assertEquals("StreamedResponse(status=200, trace=${response.trace})", "$response")
        assertEquals("ResponseHead(status=200)", "${response.head}")
        response.status
      }
      assertEquals(200, status)
      eventually("the server sees the call end") { Server.count(counter, "in_flight") == 0 }
      client.streamed("${Server.http}/status/404?body=gone") { response ->
        assertEquals(404, response.status)
        assertEquals("gone", response.body.bytes().decodeToString())
      }
    }

  @Test
  fun `A collector that takes its time slows the server down, and loses nothing`() =
    onBothWays { client ->
      for (origin in origins) {
        val counter = Server.counter()
        client.streamed("$origin/bytes/1073741824?counter=$counter") { response ->
          var read = 0
          val some = response.body.onEach { chunk ->
            if (read == 0) {
              val sent = settled { Server.count(counter, "sent") }
              println("$origin: $sent bytes sent to a collector that waits")
              assertTrue(sent in 1..MOST_SENT, "$sent bytes")
            }
            for (byte in chunk) {
              if (byte != PATTERN[read++ % PATTERN.size]) error("another byte at $read")
            }
          }
          // As the collector goes on, the server goes on with it.
          val chunks = ArrayList<Int>()
          runCatching {
            some.collect { chunk ->
              chunks += chunk.size
              check(read < 2 * MOST_SENT)
            }
          }
          assertTrue(chunks.sum() >= 2 * MOST_SENT)
          eventually("the call has ended") { Server.count(counter, "in_flight") == 0 }
          assertTrue(Server.count(counter, "sent") <= read + MOST_SENT)
        }
      }
    }

  @Test
  fun `Cancelling the coroutine aborts the call, before the head and within the body`() =
    onBothWays { client ->
      for (fault in listOf("silence", "silence-in-body")) {
        val counter = Server.counter()
        withContext(Dispatchers.Default) {
          val collecting = launch {
            client.streamed("${Server.http}/fault/$fault?counter=$counter") { it.body.collect() }
          }
          eventually("it is in flight") { Server.count(counter, "in_flight") == 1 }
          collecting.cancelAndJoin()
          assertEquals(0, client.inFlight)
          eventually("the server sees it end") { Server.count(counter, "in_flight") == 0 }
        }
      }
    }

  @Test
  fun `A coroutine that is cancelled already sends nothing`() = onBothWays { client ->
    val counter = Server.counter()
    coroutineScope {
      val call = launch(start = CoroutineStart.UNDISPATCHED) {
        cancel()
        client.streamed("${Server.http}/echo?counter=$counter") { }
      }
      call.join()
    }
    assertEquals(0, Server.count(counter, "total"))
  }

  @Test
  fun `What a collector throws passes unchanged, and aborts the call`() = onBothWays { client ->
    val counter = Server.counter()
    val url = "${Server.http}/bytes/1073741824?counter=$counter"
    val thrown = IllegalStateException("on purpose")
    val caught = runCatching { client.streamed(url) { it.body.collect { throw thrown } } }
    // Coroutines may copy an exception to add the caller's stack to it.
    val cause = caught.exceptionOrNull()
    assertSame(thrown, if (cause === thrown) cause else cause?.cause)
    assertEquals(0, client.inFlight)
    eventually("the server sees it end") { Server.count(counter, "in_flight") == 0 }
  }

  @Test
  fun `Who takes only some chunks aborts the call, while the block goes on`() =
    onBothWays { client ->
      val counter = Server.counter()
      client.streamed("${Server.http}/bytes/1073741824?counter=$counter") { response ->
        assertEquals(1, response.body.take(1).toList().size)
        eventually("the server sees it end") { Server.count(counter, "in_flight") == 0 }
        assertNull(response.timing)
        val again = runCatching { response.body.collect() }
        assertEquals("the body can be collected once", again.exceptionOrNull()!!.message)
      }
    }

  @Test
  fun `A failure within the body comes after what has arrived`() = onBothWays { client ->
    var bytes = 0
    val failure = client.failureOf("/fault/half-body") { bytes += it.size }
    assertEquals("body cut short", failure.detail)
    assertTrue(bytes <= 500, "$bytes bytes")
    assertNotNull(failure.timing)
    assertEquals("bad content coding", client.failureOf("/coded/gzip?zeros=9000&cut=9").detail)
  }

  @Test
  fun `A call without a response throws before the block runs`() = onBothWays { client ->
    val close = "${Server.http}/fault/close-before-head"
    for ((url, errno) in listOf(close to 305, "nothing" to 104)) {
      val failure = runCatching { client.streamed(url) { error("a head") } }
      assertEquals(errno, (failure.exceptionOrNull() as GadgetException).errno.code)
    }
    client.close()
    assertEquals("client closed", client.failureOf("/echo").detail)
  }

  @Test
  fun `The limit of a streamed body is its own`() {
    val config = ClientConfig.ofJson(
      Server.config.json.dropLast(1) + ""","max_body_bytes":1000,"max_streamed_bytes":20000}""",
    )
    onBothWays(config) { client ->
      client.streamed("${Server.http}/bytes/20000") { assertEquals(20000, it.body.bytes().size) }
      assertEquals("body too large", client.failureOf("/bytes/20001").detail)
    }
  }

  @Test
  fun `Closing the client ends a stream`() {
    onBothWays { client ->
      val failure = runCatching {
        client.streamed("${Server.http}/bytes/1073741824") { it.body.collect { client.close() } }
      }
      assertEquals("client closed", (failure.exceptionOrNull() as GadgetException).detail)
    }
  }

  @Test
  fun `Streams wait without a thread, ten on one`() = onBothWays { client ->
    // All these coroutines run on this thread.
    val sizes = coroutineScope {
      List(10) {
        async { client.streamed("${Server.http}/chunks/100?size=1000") { it.body.bytes().size } }
      }.awaitAll()
    }
    assertEquals(List(10) { 100_000 }, sizes)
    assertEquals(0, client.inFlight)
  }

  @Test
  fun `A flow that is cold makes the call when it is collected`() = onBothWays { client ->
    val counter = Server.counter()
    val options = RequestOptions("${Server.http}/chunks/3?size=10&counter=$counter")
    val pieces = flow { client.stream(options) { emitAll(it.body) } }
    assertEquals(0, Server.count(counter, "total"))
    repeat(2) { assertEquals(30, pieces.bytes().size) }
    assertEquals(2, Server.count(counter, "total"))
  }

  @Test
  fun `The example writes a body to a file`(@TempDir folder: File) = onBothWays { client ->
    val file = File(folder, "body")
    client.download("${Server.http}/bytes/3000000", file)
    assertEquals(3_000_000L, file.length())
    val failure = runCatching { client.download("${Server.http}/status/404", file) }
    assertTrue(failure.exceptionOrNull()!!.message!!.startsWith("status 404, trace "))
  }

  private companion object {
    /**
     * What waits in the engine, in the window of a stream and in the buffers of the systems of both
     * sides: 4 MiB are the server's own.
     */
    const val MOST_SENT = 8 shl 20
    val PATTERN = "0123456789abcdef".encodeToByteArray()
  }
}
