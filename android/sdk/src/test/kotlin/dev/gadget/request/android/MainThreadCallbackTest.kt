package dev.gadget.request.android

import android.os.Looper
import dev.gadget.request.Errno
import dev.gadget.request.FakeEngineTest
import dev.gadget.request.GadgetClient
import dev.gadget.request.Recorder
import dev.gadget.request.RequestOptions
import dev.gadget.request.Server
import dev.gadget.request.eventually
import dev.gadget.request.internal.Outcome
import dev.gadget.request.internal.mainThread
import dev.gadget.request.keeping
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import kotlin.concurrent.thread

/** Callbacks on Android. The test is on the main thread, which does what was posted in [idle]. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 35])
class MainThreadCallbackTest {
  private val client = GadgetClient(Server.config)
  private val echo = RequestOptions("${Server.http}/echo")
  private val silence = RequestOptions("${Server.http}/fault/silence")
  private val mainLooper = shadowOf(Looper.getMainLooper())

  /** Each way to a callback: a response, an error before anything is sent, an abort, JSON. */
  private val calls: List<(Recorder) -> Unit> = listOf(
    { recorder -> client.enqueue(echo, recorder) },
    { recorder -> client.enqueue(RequestOptions(""), recorder) },
    { recorder -> client.enqueue(silence, recorder).abort() },
    { recorder -> client.invoke("""{"url":"${echo.url}"}""", null, recorder) },
    { recorder -> client.invoke("{}", null, recorder) },
  )

  @After
  fun closeClient() = client.close()

  @Test
  fun `By default a callback comes on the main thread, later than the start of its call`() {
    for (call in calls) {
      val recorder = Recorder()
      call(recorder)
      assertComesOnMainThread(recorder)
    }
  }

  @Test
  fun `By default it comes on the main thread if another thread starts the call`() {
    for (call in calls) {
      val recorder = Recorder()
      thread { call(recorder) }.join()
      assertComesOnMainThread(recorder)
    }
  }

  private fun assertComesOnMainThread(recorder: Recorder) {
    eventually("the callback was posted") { !mainLooper.isIdle }
    assertEquals(0, recorder.others)
    idle()
    assertEquals(1, recorder.others)
    assertSame(Looper.getMainLooper().thread, recorder.thread)
  }

  @Test
  fun `The callbacks of a closed client still come`() {
    val recorder = Recorder()
    client.enqueue(silence, recorder)
    client.close()
    assertComesOnMainThread(recorder)
    assertEquals("client closed", recorder.error().detail)
  }

  @Test
  fun `Callbacks of calls that end one after the other come in that order`() {
    val engine = FakeEngineTest.FakeEngine()
    val details = mutableListOf<String>()
    for (number in 1..100) {
      GadgetClient(engine, mainThread()).enqueue(echo, keeping(details))
      val completed = engine.completed!!
      thread { completed(Outcome.Fail(Errno.CANCELLED, "$number", "trace", null)) }.join()
    }
    assertEquals(0, details.size)
    idle()
    assertEquals((1..100).map { "$it" }, details)
  }

  @Test
  fun `On the engine's threads a callback does not need the main thread`() {
    val ofEngine = GadgetClient(Server.config) { callbackExecutor = GadgetClient.ENGINE_THREADS }
    ofEngine.use {
      val recorder = Recorder()
      it.enqueue(echo, recorder)
      recorder.outcome()
      assertNotSame(Looper.getMainLooper().thread, recorder.thread)
      assertTrue(mainLooper.isIdle)
    }
  }

  @Test
  fun `A coroutine does not need the main thread`() = runBlocking {
    assertEquals(200, client.request(echo).status)
    assertTrue(client.invoke("""{"url":"${echo.url}"}""").isSuccess)
    assertTrue(mainLooper.isIdle)
  }
}
