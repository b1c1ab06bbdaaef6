package dev.gadget.request

import dev.gadget.request.internal.NativeEngine
import dev.gadget.request.internal.UniffiEngine
import kotlinx.serialization.json.jsonArray
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

class EventsTest {
  /** What a call has reported, in its order: heads, chunks, and at last its outcome. */
  private class Heard(private val during: (ByteArray) -> Unit = {}) :
    EventListener,
    RequestCallback,
    InvokeCallback {
    private val events = LinkedBlockingQueue<Any>()
    private val running = AtomicInteger()
    val mostAtOnce = AtomicInteger()

    override fun onHeadersReceived(head: ResponseHead) = keep(head)

    override fun onChunkReceived(chunk: ByteArray) = keep(chunk) { during(chunk) }

    override fun onSuccess(response: Response) = keep(response)

    override fun onFail(error: GadgetException) = keep(error)

    override fun onComplete(result: InvokeResult) = keep(result)

    private fun keep(event: Any, action: () -> Unit = {}) {
      mostAtOnce.raiseTo(running.incrementAndGet())
      try {
        events.put(event)
        action()
      } finally {
        running.decrementAndGet()
      }
    }

    fun next(): Any = checkNotNull(events.poll(10, TimeUnit.SECONDS)) { "no event" }

    /** All events up to the outcome. */
    fun all(): List<Any> = buildList {
      do add(next()) while (last() is ResponseHead || last() is ByteArray)
    }

    val others: Int get() = events.size
  }

  private fun onBothWays(executor: Executor? = null, test: (GadgetClient) -> Unit) {
    for (engine in listOf(NativeEngine(Server.config.json), UniffiEngine(Server.config.json))) {
      GadgetClient(engine, executor).use(test)
    }
  }

  private fun options(path: String, isChunked: Boolean = true) =
    RequestOptions(Server.http + path) { enableChunked = isChunked }

  private fun List<Any>.bytes() =
    filterIsInstance<ByteArray>().fold(ByteArray(0)) { all, chunk -> all + chunk }

  @Test
  fun `Events come one at a time, in their order and before the outcome, on any executor`() {
    val pool = Executors.newFixedThreadPool(4)
    for (executor in listOf(null, GadgetClient.ENGINE_THREADS, pool)) {
      onBothWays(executor) { client ->
        for (path in listOf("/chunks/300?size=1000", "/coded/gzip,br?zeros=300000")) {
          val whole = Recorder()
          client.enqueue(options(path, isChunked = false), whole)
          val heard = Heard()
          val task = client.enqueue(options(path), heard, heard)
          val events = heard.all()
          val (response, head) = events.last() as Response to events.first() as ResponseHead
          assertEquals(200, head.status)
          assertEquals(response.headers, head.headers)
          assertTrue(events.drop(1).dropLast(1).all { it is ByteArray && it.isNotEmpty() })
          assertArrayEquals((whole.outcome() as Response).body, events.bytes())
          assertEquals(0, response.body.size)
          assertEquals(task.trace, response.trace)
          assertEquals(1, heard.mostAtOnce.get())
          assertEquals(0, heard.others)
        }
      }
    }
    pool.shutdown()
  }

  @Test
  fun `Without enableChunked only the head comes, and the response has its body`() =
    onBothWays { client ->
      val heard = Heard()
      client.enqueue(options("/redirect/302/3", isChunked = false), heard, heard)
      val (head, response) = heard.all()
      assertEquals((response as Response).headers, (head as ResponseHead).headers)
      assertTrue(response.body.isNotEmpty())
    }

  @Test
  fun `A call of a JavaScript engine gets the head as JSON`() = onBothWays { client ->
    val heard = Heard()
    val url = "${Server.http}/headers?x-a=1&x-a=%C3%A9&set-cookie=a%3D1"
    client.invoke("""{"url":"$url","enableChunked":true}""", null, heard, heard)
    val events = heard.all()
    val (head, result) = parsed((events.first() as ResponseHead).json) to events.last()
    val whole = parsed((result as InvokeResult).json)
    assertEquals(setOf("statusCode", "header", "cookies"), head.keys)
    for (member in head.keys) assertEquals(whole[member], head[member])
    val cookies = whole["cookies"]!!.jsonArray.map { it.text }
    assertEquals(cookies, (events.first() as ResponseHead).cookies)
    assertEquals("1, é", (events.first() as ResponseHead).header("X-A"))
  }

  @Test
  fun `A listener that takes its time slows the server down`() {
    val thread = Executors.newSingleThreadExecutor()
    onBothWays(thread) { client ->
      val counter = Server.counter()
      val goesOn = LinkedBlockingQueue<Unit>()
      val heard = Heard { goesOn.take() }
      val task = client.enqueue(options("/bytes/1073741824?counter=$counter"), heard, heard)
      assertTrue(heard.next() is ResponseHead)
      assertTrue(heard.next() is ByteArray)
      val sent = settled { Server.count(counter, "sent") }
      assertTrue(sent in 1..(8 shl 20), "$sent bytes")
      task.abort()
      goesOn.put(Unit)
      assertEquals("abort", (heard.next() as GadgetException).detail)
      assertEquals(0, heard.others)
    }
    thread.shutdown()
  }

  @Test
  fun `After an abort within a listener only the failure comes`() = onBothWays { client ->
    val tasks = LinkedBlockingQueue<RequestTask>()
    val heard = Heard { tasks.take().abort() }
    tasks += client.enqueue(options("/bytes/1073741824"), heard, heard)
    val events = heard.all()
    assertEquals(listOf(ResponseHead::class, ByteArray::class), events.take(2).map { it::class })
    assertEquals("abort", (events[2] as GadgetException).detail)
    assertEquals(0, heard.others)
  }

  @Test
  fun `An event that was on its way does not come after an abort`() {
    val held = LinkedBlockingQueue<Runnable>()
    onBothWays(held::put) { client ->
      val heard = Heard()
      val task = client.enqueue(options("/bytes/1073741824"), heard, heard)
      held.take().run() // the head
      val chunk = held.take()
      task.abort()
      eventually("the call has ended") { client.inFlight == 0 }
      chunk.run()
      held.take().run()
      assertEquals(listOf(true, false), heard.all().map { it is ResponseHead })
      assertEquals(0, heard.others + held.size)
    }
  }

  @Test
  fun `What a listener throws is reported, and later events and the outcome come`() =
    onBothWays { client ->
      val caught = LinkedBlockingQueue<Throwable>()
      val before = Thread.getDefaultUncaughtExceptionHandler()
      Thread.setDefaultUncaughtExceptionHandler { _, thrown -> caught.put(thrown) }
      try {
        val thrown = IllegalStateException("on purpose")
        val heard = Heard { throw thrown }
        client.enqueue(options("/chunks/5?size=1000&pause=20"), heard, heard)
        val events = heard.all()
        assertEquals(5000, events.bytes().size)
        assertEquals(200, (events.last() as Response).status)
        repeat(events.size - 2) { assertSame(thrown, caught.poll(10, TimeUnit.SECONDS)) }
      } finally {
        Thread.setDefaultUncaughtExceptionHandler(before)
      }
    }

  @Test
  fun `A call with a listener ends once, whenever it is aborted`() = onBothWays { client ->
    repeat(300) { round ->
      val heard = Heard()
      val task = client.enqueue(options("/bytes/100000"), heard, heard)
      if (round % 3 > 0) repeat(round * 100) { Thread.onSpinWait() }
      task.abort()
      heard.all()
      assertEquals(0, heard.others)
    }
    eventually("nothing is left") { client.inFlight + client.queued == 0 }
  }

  @Test
  fun `Wrong options and a closed client fail without events`() = onBothWays { client ->
    val heard = Heard()
    client.enqueue(RequestOptions("") { enableChunked = true }, heard, heard)
    assertEquals(104, (heard.next() as GadgetException).errno.code)
    client.invoke("""{"url":"${Server.http}","enableChunked":1}""", null, heard, heard)
    assertTrue((heard.next() as InvokeResult).json.contains("enableChunked is not a boolean"))
    client.close()
    client.enqueue(options("/echo"), heard, heard)
    assertEquals(301, (heard.next() as GadgetException).errno.code)
    assertEquals(0, heard.others)
  }
}
