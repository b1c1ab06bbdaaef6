package dev.gadget.request

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.TimeSource

class GateTest {
  /** Requests that the server counts, and holds until one is released. */
  private class Held(private val base: String = Server.http) {
    private val name = Server.counter()
    val options = options(counter = name)
    val inFlight get() = Server.count(name, "in_flight")
    val maxInFlight get() = Server.count(name, "max_in_flight")
    val total get() = Server.count(name, "total")

    /** A request that another counter counts. */
    fun options(counter: String) = RequestOptions("$base/hold/$name?counter=$counter")

    fun release(count: Int = 1) = Server.release(name, count)
  }

  private class Call(client: GadgetClient, options: RequestOptions) {
    private val recorder = Recorder()
    val task = client.enqueue(options, recorder)

    fun status(): Int = (recorder.outcome() as Response).status

    fun failsWith(errno: Errno, detail: String) {
      val error = recorder.error()
      assertEquals(errno to detail, error.errno to error.detail)
      assertEquals(errno.errString, error.errString)
      assertEquals(task.trace, error.trace)
    }
  }

  /** Fills all places with calls, and waits until the server has them all. */
  private fun GadgetClient.fill(held: Held): List<Call> {
    val calls = List(PLACES) { Call(this, held.options) }
    eventually("the server holds ten") { held.inFlight == PLACES }
    return calls
  }

  private val GadgetClient.counters get() = inFlight to queued

  private val echo = RequestOptions("${Server.http}/echo")

  /** A request that the server counts if it is sent. */
  private fun counted(counter: String) = RequestOptions("${Server.http}/echo?counter=$counter")

  @Test
  fun `A hundred requests reach the server once each, at most ten at a time`() {
    for (base in listOf(Server.http, Server.https)) {
      withClient { client ->
        val held = Held(base)
        val calls = List(100) { Call(client, held.options) }
        assertEquals(10 to 90, client.counters)
        eventually("the server holds ten") { held.inFlight == 10 }
        held.release(100)
        calls.forEach { assertEquals(200, it.status()) }
        assertEquals(10, held.maxInFlight)
        assertEquals(100, held.total)
        assertEquals(0 to 0, client.counters)
      }
    }
  }

  @Test
  fun `The eleventh call is queued, and sent when one of ten has ended`() = withClient { client ->
    val (held, counter) = Held() to Server.counter()
    client.fill(held)
    val eleventh = Call(client, counted(counter))
    assertEquals(10 to 1, client.counters)
    assertEquals(0, Server.count(counter, "total"))
    held.release()
    assertEquals(200, eleventh.status())
    assertEquals(9 to 0, client.counters)
  }

  @Test
  fun `Queued calls are sent in the order in which they were started`() = withClient { client ->
    val held = Held()
    val counters = List(5) { Server.counter() }
    client.fill(held)
    counters.forEach { Call(client, held.options(counter = it)) }
    assertEquals(10 to 5, client.counters)
    for ((i, counter) in counters.withIndex()) {
      held.release()
      eventually("number $i is there") { Server.count(counter, "total") == 1 }
      val sent = counters.map { Server.count(it, "total") }
      assertEquals(List(counters.size) { if (it <= i) 1 else 0 }, sent)
    }
  }

  @Test
  fun `A call has given up its place when its callback runs`() = withClient { client ->
    val inFlight = CompletableFuture<Int>()
    client.invoke("""{"url":"${echo.url}"}""", null) { inFlight.complete(client.inFlight) }
    assertEquals(0, inFlight.get(10, TimeUnit.SECONDS))
  }

  @Test
  fun `A call that finds the queue full fails with 111, and is not sent`() {
    for (most in 0..1) {
      withClient(ClientConfig { maxQueued = most }) { client ->
        val (held, counter) = Held() to Server.counter()
        client.fill(held)
        val waiting = List(most) { Call(client, echo) }
        Call(client, counted(counter)).failsWith(Errno.TOO_MANY_CALLS, "too many requests")
        val result = parsed(client.invoke("""{"url":"${counted(counter).url}"}""").json)
        assertEquals("111", result["errno"].text)
        assertEquals("request:fail too many requests", result["errMsg"].text)
        assertEquals(10 to most, client.counters)
        held.release(10)
        waiting.forEach { assertEquals(200, it.status()) }
        eventually("all are done") { client.inFlight == 0 }
        assertEquals(0, Server.count(counter, "total"))
        assertEquals(200, client.request(echo).status)
      }
    }
  }

  @Test
  fun `A queued call has left the queue when abort returns, and is never sent`() =
    withClient(ClientConfig { maxQueued = 2 }) { client ->
      val (held, counter) = Held() to Server.counter()
      client.fill(held)
      val (aborted, last) = List(2) { Call(client, counted(counter)) }
      aborted.task.abort()
      assertEquals(10 to 1, client.counters)
      aborted.failsWith(Errno.CANCELLED, "abort")
      // There is room for another again.
      val another = Call(client, counted(counter))
      assertEquals(10 to 2, client.counters)
      held.release(10)
      assertEquals(listOf(200, 200), listOf(last.status(), another.status()))
      assertEquals(2, Server.count(counter, "total"))
    }

  @Test
  fun `A call in flight has given up its place when abort returns`() =
    withClient(ClientConfig { maxQueued = 0 }) { client ->
      val held = Held()
      val calls = client.fill(held)
      calls[3].task.abort()
      assertEquals(9, client.inFlight)
      // The queue has no room, but a place is free.
      assertEquals(200, Call(client, echo).status())
      calls[3].failsWith(Errno.CANCELLED, "abort")
      eventually("the server has nine") { held.inFlight == 9 }
    }

  @Test
  fun `A queued call whose coroutine is cancelled leaves the queue, and is not sent`() =
    withClient { client ->
      val (held, counter) = Held() to Server.counter()
      val calls = client.fill(held)
      coroutineScope {
        val typed = launch(start = CoroutineStart.UNDISPATCHED) { client.request(counted(counter)) }
        val json = launch(start = CoroutineStart.UNDISPATCHED) {
          client.invoke("""{"url":"${counted(counter).url}"}""")
        }
        assertEquals(10 to 2, client.counters)
        typed.cancel()
        assertEquals(10 to 1, client.counters)
        json.cancel()
        assertEquals(10 to 0, client.counters)
      }
      held.release(10)
      calls.forEach { assertEquals(200, it.status()) }
      assertEquals(200, client.request(echo).status)
      assertEquals(0, Server.count(counter, "total"))
    }

  @Test
  fun `While offline, queued and new calls fail with 303, and calls in flight go on`() =
    withClient { client ->
      val (held, counter) = Held() to Server.counter()
      val calls = client.fill(held)
      val waiting = List(3) { Call(client, counted(counter)) }
      client.setOnline(false)
      assertEquals(10 to 0, client.counters)
      waiting.forEach { it.failsWith(Errno.NO_NETWORK, "offline") }
      Call(client, counted(counter)).failsWith(Errno.NO_NETWORK, "offline")
      assertEquals(10 to 0, client.counters)
      held.release(10)
      calls.forEach { assertEquals(200, it.status()) }
      assertEquals(303, client.errorOf(counted(counter)).errno.code)
      assertEquals(0, Server.count(counter, "total"))

      client.setOnline(true)
      assertEquals(200, client.request(counted(counter)).status)
    }

  @Test
  fun `After a change of the network, calls in flight go on, and new calls are made`() =
    withClient { client ->
      val (held, counter) = Held() to Server.counter()
      val calls = client.fill(held)
      val waiting = List(3) { Call(client, counted(counter)) }
      client.networkChanged()
      assertEquals(10 to 3, client.counters)
      held.release(10)
      (calls + waiting).forEach { assertEquals(200, it.status()) }
      assertEquals(10 to 3, held.total to Server.count(counter, "total"))
    }

  @Test
  fun `With a grace period of 0, all calls fail with 112 until the app is in the foreground`() =
    withClient(ClientConfig { backgroundGraceMs = 0 }) { client ->
      val (held, counter) = Held() to Server.counter()
      val calls = client.fill(held) + Call(client, counted(counter))
      client.enterBackground()
      assertEquals(0 to 0, client.counters)
      (calls + Call(client, counted(counter))).forEach {
        it.failsWith(Errno.IN_BACKGROUND, "app in background")
      }
      eventually("the server has none") { held.inFlight == 0 }
      assertEquals(0, Server.count(counter, "total"))

      client.enterForeground()
      assertEquals(200, client.request(counted(counter)).status)
    }

  @Test
  fun `In the background, calls go on for the grace period, and then fail with 112`() =
    withClient(ClientConfig { backgroundGraceMs = 300 }) { client ->
      val held = Held()
      val left = TimeSource.Monotonic.markNow()
      client.enterBackground()
      client.enterBackground() // has no effect
      val call = Call(client, held.options)
      call.failsWith(Errno.IN_BACKGROUND, "app in background")
      assertTrue(left.elapsedNow() >= 300.milliseconds, "${left.elapsedNow()}")
      assertEquals(112, client.errorOf(echo).errno.code)
      client.enterForeground()
      assertEquals(200, client.request(echo).status)
    }

  @Test
  fun `If the app is in the foreground again within the grace period, no call fails`() =
    withClient(ClientConfig { backgroundGraceMs = 300 }) { client ->
      val held = Held()
      val call = Call(client, held.options)
      client.enterBackground()
      client.enterForeground()
      elapse(600)
      held.release()
      assertEquals(200, call.status())
    }

  @Test
  fun `The background has no effect unless a grace period is set`() = withClient { client ->
    val held = Held()
    val calls = client.fill(held) + Call(client, echo)
    client.enterBackground()
    assertEquals(10 to 1, client.counters)
    held.release(10)
    calls.forEach { assertEquals(200, it.status()) }
    assertEquals(200, client.request(echo).status)
    client.enterForeground()
  }

  @Test
  fun `A call that waits longer than queueTimeoutMs fails with 302, and is not sent`() =
    withClient(ClientConfig { queueTimeoutMs = 100 }) { client ->
      val (held, counter) = Held() to Server.counter()
      val begun = TimeSource.Monotonic.markNow()
      val calls = client.fill(held)
      Call(client, counted(counter)).failsWith(Errno.TIMED_OUT, "timeout")
      assertTrue(begun.elapsedNow() >= 100.milliseconds)
      assertEquals(10 to 0, client.counters)
      held.release(10)
      calls.forEach { assertEquals(200, it.status()) }
      assertEquals(0, Server.count(counter, "total"))
    }

  @Test
  fun `The time in the queue does not count as part of a call's timeout`() = withClient { client ->
    val held = Held()
    client.fill(held)
    val waiting = Call(client, RequestOptions("${Server.http}/echo") { timeoutMs = 500 })
    elapse(700)
    assertEquals(10 to 1, client.counters)
    held.release()
    assertEquals(200, waiting.status())
  }

  /** Waits for some milliseconds, as the server measures them. */
  private fun elapse(millis: Int) {
    withClient { client -> client.request(RequestOptions("${Server.http}/delay/$millis")) }
  }

  @Test
  fun `Close fails queued calls with 301, and reports to a closed client have no effect`() {
    val (held, counter) = Held() to Server.counter()
    val client = GadgetClient(ClientConfig { backgroundGraceMs = 0 })
    val calls = client.fill(held) + List(3) { Call(client, counted(counter)) }
    client.close()
    assertEquals(0 to 0, client.counters)
    calls.forEach { it.failsWith(Errno.CANCELLED, "client closed") }

    client.setOnline(false)
    client.enterBackground()
    Call(client, counted(counter)).failsWith(Errno.CANCELLED, "client closed")
    client.enterForeground()
    client.setOnline(true)
    client.networkChanged()
    Call(client, counted(counter)).failsWith(Errno.CANCELLED, "client closed")
    assertEquals(0 to 0, client.counters)
    eventually("the server has none") { held.inFlight == 0 }
    assertEquals(0, Server.count(counter, "total"))
  }

  private companion object {
    const val PLACES = 10
  }
}
