package dev.gadget.request

import dev.gadget.request.internal.NativeEngine
import dev.gadget.request.internal.UniffiEngine
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

class ObserverTest {
  /** Runs a test with an observer, over both ways to the engine. */
  private fun observed(
    observer: () -> CallObserver,
    test: suspend (GadgetClient, CallObserver) -> Unit,
  ) {
    val json = Server.config.json
    val ways = listOf<(CallObserver) -> GadgetClient>(
      { GadgetClient(NativeEngine(json, observer = it)) },
      { GadgetClient(UniffiEngine(json, observer = it)) },
      { GadgetClient(Server.config) { this.observer = it } },
    )
    for (way in ways) {
      val heard = observer()
      way(heard).use { client -> runBlocking { test(client, heard) } }
    }
  }

  private class Keeper : CallObserver {
    val events = CopyOnWriteArrayList<CallEvent>()

    override fun onEvent(event: CallEvent) {
      events += event
    }

    /** All events, once so many calls have ended. */
    fun all(ended: Int = 1): List<CallEvent> {
      eventually("$ended calls have ended") { events.count { it.step is CallStep.End } == ended }
      return events
    }
  }

  @Test
  fun `An observer hears each step of a call, and no secrets`() =
    observed(::Keeper) { client, keeper ->
      val url = redirecting("${Server.http}/status/404")
      val response = client.request(RequestOptions(url) { header("authorization", "secret") })
      val events = (keeper as Keeper).all()
      val names = events.map { parsed(it.json)["event"].text }
      val hop = listOf("connection", "request", "head")
      assertEquals(listOf("start", "dispatched") + hop + "redirect" + hop + "end", names)
      for ((event, name) in events.zip(names)) {
        assertEquals(name, event.step.javaClass.simpleName.lowercase())
        assertEquals(response.trace, event.trace)
        assertEquals(0, event.dropped)
      }
      assertEquals(events.map { it.at }.sorted(), events.map { it.at })
      val (start, dispatched, connection, request, head) = events.map { it.step }
      assertEquals("GET $url", (start as CallStep.Start).run { "$method ${this.url}" })
      assertEquals("1 0", (dispatched as CallStep.Dispatched).run { "$inFlight $queued" })
      (connection as CallStep.Connection).run {
        assertEquals("false 127.0.0.1 http1.1", "$isReused $peerIp $protocol")
        assertEquals(Server.httpPort, port)
      }
      (request as CallStep.Request).run {
        assertEquals("GET $url 0", "$method ${this.url} $bytes")
        assertEquals("[redacted]", headers.single { it.name == "authorization" }.value)
      }
      assertEquals(302, (head as CallStep.Head).status)
      (events[5].step as CallStep.Redirect).run {
        assertEquals("302 ${Server.http}/status/404", "$status ${this.url}")
      }
      assertEquals(response.headers, (events[8].step as CallStep.Head).headers)
      (events[9].step as CallStep.End).run {
        assertEquals(404, status)
        assertNull(error)
        assertEquals(response.timing.responseEnd, timing!!.responseEnd)
      }
      assertEquals("CallEvent(step=End, trace=${response.trace})", "${events[9]}")
    }

  @Test
  fun `Every call has one end, refused, queued or aborted`() =
    observed(::Keeper) { client, keeper ->
      val (counter, recorder) = Server.counter() to Recorder()
      val silence = RequestOptions("${Server.http}/fault/silence?counter=$counter")
      val tasks = List(11) { client.enqueue(silence, recorder) }
      eventually("ten are in flight") { Server.count(counter, "in_flight") == 10 }
      tasks.forEach(RequestTask::abort)
      client.enqueue(RequestOptions(""), recorder)
      val events = (keeper as Keeper).all(12)
      val queued = events.filter { it.step is CallStep.Queued }
      assertEquals(listOf(tasks[10].trace), queued.map { it.trace })
      val ends = events.map { it.step }.filterIsInstance<CallStep.End>()
      assertEquals(11, ends.count { it.error!!.detail == "abort" })
      val refused = ends.single { it.error!!.errno.code == 104 }
      assertNull(refused.timing)
      assertTrue(ends.all { it.status == null })
      assertTrue(ends.count { it.timing != null } >= 10)
    }

  @Test
  fun `What an observer throws is reported, and the next events come`() {
    val caught = LinkedBlockingQueue<Throwable>()
    val before = Thread.getDefaultUncaughtExceptionHandler()
    Thread.setDefaultUncaughtExceptionHandler { _, thrown -> caught.put(thrown) }
    try {
      val thrown = IllegalStateException("on purpose")
      observed({ CallObserver { throw thrown } }) { client, _ ->
        assertEquals(200, client.request(RequestOptions("${Server.http}/echo")).status)
        // Start, dispatched, connection, request, head and end.
        repeat(6) { assertSame(thrown, caught.poll(10, TimeUnit.SECONDS)) }
      }
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before)
    }
  }

  @Test
  fun `The HAR has the last exchanges, if they are kept`() {
    val config = ClientConfig {
      harExchanges = 2
      harBodyBytes = 4
    }
    onBothWays(config) { client ->
      for (status in listOf(200, 201, 404)) {
        client.request(RequestOptions("${Server.http}/status/$status?body=content"))
      }
      val log = parsed(client.har())["log"]!!.jsonObject
      assertEquals("1.2", log["version"].text)
      val responses = log["entries"]!!.jsonArray.map { it.jsonObject["response"]!!.jsonObject }
      assertEquals(listOf("201", "404"), responses.map { it["status"].text })
      for (response in responses) {
        assertEquals("cont", response["content"]!!.jsonObject["text"].text)
      }
      client.close()
      assertEquals(0, parsed(client.har())["log"]!!.jsonObject["entries"]!!.jsonArray.size)
    }
    withClient { client ->
      client.request(RequestOptions("${Server.http}/echo"))
      assertNotNull(parsed(client.har())["log"])
      assertTrue("/echo" !in client.har())
    }
  }
}
