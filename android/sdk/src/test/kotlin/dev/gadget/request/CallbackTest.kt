package dev.gadget.request

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotSame
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.Random
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicIntegerArray

class CallbackTest {
  private val echo = RequestOptions("${Server.http}/echo")

  @Test
  fun `A callback comes on a daemon thread of the engine, not on the caller's`() =
    withClient { client ->
      for (options in listOf(echo, RequestOptions(""))) {
        val recorder = Recorder()
        client.enqueue(options, recorder)
        recorder.outcome()
        assertNotSame(Thread.currentThread(), recorder.thread)
        assertEquals("gadget-request", recorder.thread!!.name.take(14))
        assertTrue(recorder.thread!!.isDaemon)
        assertEquals(0, recorder.others)
      }
    }

  @Test
  fun `The engine's threads stay threads of the JVM`() = withClient { client ->
    val threads = List(50) {
      val recorder = Recorder()
      client.enqueue(echo, recorder)
      recorder.outcome()
      recorder.thread
    }
    assertTrue(threads.distinct().size <= 2, "${threads.distinct()}")
  }

  @Test
  fun `A client can be used and closed within a callback`() {
    val client = GadgetClient(Server.config)
    val inner = Recorder()
    client.invoke("{}", null) {
      client.enqueue(RequestOptions("${Server.http}/fault/silence"), inner)
      client.close()
    }
    assertEquals("client closed", inner.error().detail)
  }

  @Test
  fun `A client that nobody holds lives until its calls have ended`() {
    val recorder = Recorder()
    fun start() = GadgetClient(Server.config).enqueue(
      RequestOptions("${Server.http}/delay/600"),
      recorder,
    )
    start()
    repeat(10) {
      System.gc()
      Thread.sleep(20)
    }
    assertEquals(200, (recorder.outcome() as Response).status)
  }

  @Test
  fun `What a callback throws reaches the uncaught exception handler, and no other call fails`() =
    withClient { client ->
      val caught = LinkedBlockingQueue<Throwable>()
      val before = Thread.getDefaultUncaughtExceptionHandler()
      Thread.setDefaultUncaughtExceptionHandler { _, thrown ->
        caught.put(thrown)
        error("and the handler throws too")
      }
      try {
        for (thrown in listOf(IllegalStateException("on purpose"), AssertionError("on purpose"))) {
          client.enqueue(echo, thrower(thrown))
          assertSame(thrown, caught.poll(10, TimeUnit.SECONDS))
          client.enqueue(RequestOptions(""), thrower(thrown))
          assertSame(thrown, caught.poll(10, TimeUnit.SECONDS))
          client.invoke("{}", null) { throw thrown }
          assertSame(thrown, caught.poll(10, TimeUnit.SECONDS))
        }
        assertEquals(200, client.request(echo).status)
        assertEquals(0, caught.size)
      } finally {
        Thread.setDefaultUncaughtExceptionHandler(before)
      }
    }

  private fun thrower(thrown: Throwable) = object : RequestCallback {
    override fun onSuccess(response: Response) = throw thrown

    override fun onFail(error: GadgetException) = throw thrown
  }

  @Test
  fun `Ten thousand requests with random aborts have one outcome each`() = withClient { client ->
    val seed = System.getenv("GADGET_SEED")?.toLong() ?: System.nanoTime()
    println("ten thousand requests with random aborts, GADGET_SEED=$seed")
    val random = Random(seed)
    val outcomes = AtomicIntegerArray(REQUESTS)
    val (succeeded, aborted) = AtomicInteger() to AtomicInteger()
    // So few that about half of them are in flight and the others are queued: both are aborted.
    val places = Semaphore(RUNNING)
    val tasks = mutableListOf<RequestTask>()
    val options = RequestOptions("${Server.http}/bytes/100")
    repeat(REQUESTS) { i ->
      places.acquire()
      val callback = object : RequestCallback {
        override fun onSuccess(response: Response) = settle(succeeded)

        override fun onFail(error: GadgetException) {
          check(error.detail == "abort") { error }
          settle(aborted)
        }

        fun settle(counter: AtomicInteger) {
          counter.incrementAndGet()
          if (outcomes.incrementAndGet(i) == 1) places.release()
        }
      }
      tasks += client.enqueue(options, callback)
      when (random.nextInt(4)) {
        0 -> tasks.last().abort()

        1 -> {
          TimeUnit.NANOSECONDS.sleep(random.nextInt(200_000).toLong())
          tasks[maxOf(0, i - random.nextInt(RUNNING))].abort()
        }
      }
    }
    assertTrue(places.tryAcquire(RUNNING, 10, TimeUnit.SECONDS), "some have no outcome")
    client.request(echo)
    assertEquals(0 to 0, client.inFlight to client.queued)
    repeat(REQUESTS) { assertEquals(1, outcomes[it], "outcomes of call $it") }
    println("$succeeded succeeded, $aborted aborted")
    assertEquals(REQUESTS, succeeded.get() + aborted.get())
    assertTrue(succeeded.get() > 0 && aborted.get() > 0)
  }

  private companion object {
    const val REQUESTS = 10_000
    const val RUNNING = 20
  }
}
