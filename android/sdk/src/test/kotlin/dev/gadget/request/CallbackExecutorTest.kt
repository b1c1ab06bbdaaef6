package dev.gadget.request

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotSame
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.coroutines.CoroutineContext

/** Where callbacks run, without Android's main thread. MainThreadCallbackTest has that. */
class CallbackExecutorTest {
  private val echo = RequestOptions("${Server.http}/echo")
  private val silence = RequestOptions("${Server.http}/fault/silence")

  /** Each way to a callback: a response, an error before anything is sent, an abort, JSON. */
  private val calls: List<(GadgetClient, Recorder) -> Unit> = listOf(
    { client, recorder -> client.enqueue(echo, recorder) },
    { client, recorder -> client.enqueue(RequestOptions(""), recorder) },
    { client, recorder -> client.enqueue(silence, recorder).abort() },
    { client, recorder -> client.invoke("""{"url":"${echo.url}"}""", null, recorder) },
    { client, recorder -> client.invoke("{}", null, recorder) },
  )

  private fun client(executor: Executor) =
    GadgetClient(Server.config) { callbackExecutor = executor }

  @Test
  fun `A callback is given to the executor once, and runs there`() {
    val given = AtomicInteger()
    val pool = Executors.newSingleThreadExecutor { Thread(it, "of the host app") }
    val executor = Executor {
      given.incrementAndGet()
      pool.execute(it)
    }
    client(executor).use { client ->
      calls.forEachIndexed { before, call ->
        val recorder = Recorder()
        call(client, recorder)
        recorder.outcome()
        assertEquals("of the host app", recorder.thread!!.name)
        assertEquals(before + 1, given.get())
        assertEquals(0, recorder.others)
      }
      val recorder = Recorder()
      client.enqueue(silence, recorder)
      client.close()
      assertEquals("client closed", recorder.error().detail)
      assertEquals("of the host app", recorder.thread!!.name)
    }
    pool.shutdown()
  }

  @Test
  fun `A direct executor runs a callback on the engine's thread, never within the start`() {
    for (executor in listOf(GadgetClient.ENGINE_THREADS, Executor(Runnable::run))) {
      client(executor).use { client ->
        repeat(20) {
          for (call in calls) {
            val recorder = Recorder()
            call(client, recorder)
            recorder.outcome()
            assertNotSame(Thread.currentThread(), recorder.thread)
            assertEquals("gadget-request", recorder.thread!!.name.take(14))
            assertEquals(0, recorder.others)
          }
        }
      }
    }
  }

  @Test
  fun `A callback comes on the engine's thread if the executor was shut down`() = catching {
    val pool = Executors.newSingleThreadExecutor()
    client(pool).use { client ->
      pool.shutdown()
      for (call in calls) {
        val recorder = Recorder()
        call(client, recorder)
        recorder.outcome()
        assertEquals("gadget-request", recorder.thread!!.name.take(14))
        assertEquals(0, recorder.others)
      }
    }
    assertEquals(0, it.size)
  }

  @Test
  fun `Anything else that an executor throws is reported, and the callback still comes`() =
    catching { caught ->
      val broken = IllegalStateException("broken")
      client { throw broken }.use { client ->
        for (call in calls) {
          val recorder = Recorder()
          call(client, recorder)
          recorder.outcome()
          assertSame(broken, caught.poll(10, TimeUnit.SECONDS))
          assertEquals(0, recorder.others)
        }
      }
    }

  @Test
  fun `A callback runs once if the executor runs it twice, or runs it and then throws`() =
    catching { caught ->
      val over = RejectedExecutionException("too late")
      val once = Executor { work ->
        work.run()
        throw over
      }
      val twice = Executor { work ->
        repeat(2) { work.run() }
        throw over
      }
      for (executor in listOf(once, twice)) {
        client(executor).use { client ->
          val recorder = Recorder()
          client.enqueue(echo, recorder)
          assertSame(over, caught.poll(10, TimeUnit.SECONDS))
          recorder.outcome()
          assertEquals(0, recorder.others)
        }
      }
    }

  @Test
  fun `What a callback throws goes where the executor's exceptions go`() = catching { caught ->
    val thrown = IllegalStateException("on purpose")
    val ofExecutor = LinkedBlockingQueue<Throwable>()
    val pool = Executors.newSingleThreadExecutor { work ->
      Thread(work).apply { setUncaughtExceptionHandler { _, it -> ofExecutor.put(it) } }
    }
    client(pool).use { client ->
      client.invoke("{}", null) { throw thrown }
      assertSame(thrown, ofExecutor.poll(10, TimeUnit.SECONDS))
    }
    pool.shutdown()
    assertNull(caught.poll())

    val runs = AtomicInteger()
    client(GadgetClient.ENGINE_THREADS).use { client ->
      client.invoke("{}", null) {
        runs.incrementAndGet()
        throw thrown
      }
      assertSame(thrown, caught.poll(10, TimeUnit.SECONDS))
    }
    assertEquals(1, runs.get())
  }

  @Test
  fun `A coroutine goes on through its dispatcher, with one dispatch at most`() {
    val dispatches = AtomicInteger()
    val own = Executors.newSingleThreadExecutor { Thread(it, "of the coroutine") }
    val dispatcher = object : CoroutineDispatcher() {
      override fun dispatch(context: CoroutineContext, block: Runnable) {
        dispatches.incrementAndGet()
        own.execute(block)
      }
    }
    val given = AtomicInteger()
    client { given.incrementAndGet() }.use { client ->
      runBlocking {
        withContext(dispatcher) {
          // None, if the response is there before the coroutine suspends.
          val before = dispatches.get()
          assertEquals(200, client.request(echo).status)
          assertTrue(dispatches.get() <= before + 1)
          assertTrue(client.invoke("""{"url":"${echo.url}"}""").isSuccess)
          assertTrue(dispatches.get() <= before + 2)
          assertTrue(Thread.currentThread().name.startsWith("of the coroutine"))
        }
      }
    }
    own.shutdown()
    assertEquals(0, given.get())
  }

  /** Runs a test with the exceptions that reach the uncaught exception handler. */
  private fun catching(test: (LinkedBlockingQueue<Throwable>) -> Unit) {
    val caught = LinkedBlockingQueue<Throwable>()
    val before = Thread.getDefaultUncaughtExceptionHandler()
    Thread.setDefaultUncaughtExceptionHandler { _, thrown -> caught.put(thrown) }
    try {
      test(caught)
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before)
    }
  }
}
