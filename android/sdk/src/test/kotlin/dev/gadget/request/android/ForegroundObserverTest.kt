package dev.gadget.request.android

import android.app.Activity
import android.os.Looper
import dev.gadget.request.ClientConfig
import dev.gadget.request.Cookie
import dev.gadget.request.CookieStorage
import dev.gadget.request.FakeEngineTest.FakeEngine
import dev.gadget.request.ForegroundObserver
import dev.gadget.request.GadgetClient
import dev.gadget.request.RequestOptions
import dev.gadget.request.Server
import dev.gadget.request.errorOf
import dev.gadget.request.eventually
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowLog
import java.time.Duration

/** The test makes the activities go through their lives. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 35])
class ForegroundObserverTest {
  private val observer = ForegroundObserver.register(RuntimeEnvironment.getApplication())
  private val engine = FakeEngine()
  private val client = GadgetClient(engine)

  @After
  fun close() = observer.close()

  private fun reports(): List<String> = engine.reports.toList().also { engine.reports.clear() }

  private fun shown(): ActivityController<Activity> =
    Robolectric.buildActivity(Activity::class.java).setup()

  private fun pass(millis: Long) =
    shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(millis))

  @Test
  fun `The app is in the background 700 ms after its last activity has stopped`() {
    observer.add(client)
    assertEquals(listOf("foreground"), reports())
    val (first, second) = shown() to shown()
    first.pause().stop()
    pass(10_000)
    second.pause().stop()
    pass(699)
    assertEquals(emptyList<String>(), reports())
    pass(1)
    assertEquals(listOf("background"), reports())
    second.start()
    assertEquals(listOf("foreground"), reports())
    second.stop().start().stop()
    pass(700)
    assertEquals(listOf("background"), reports())
  }

  @Test
  fun `A change of configuration is no background`() {
    observer.add(client)
    val activity = shown()
    reports()
    activity.recreate()
    pass(10_000)
    assertEquals(emptyList<String>(), reports())
  }

  @Test
  fun `An activity that was there before the observer counts when it is resumed`() {
    observer.close()
    val former = shown().pause()
    ForegroundObserver.register(RuntimeEnvironment.getApplication()).use { late ->
      late.add(client)
      val over = shown()
      over.pause()
      former.resume()
      over.stop().destroy()
      pass(10_000)
      assertEquals(listOf("foreground"), reports())
      former.pause().stop()
      pass(700)
      assertEquals(listOf("background"), reports())
    }
  }

  @Test
  fun `A client that comes in the background is told so`() {
    shown().pause().stop()
    pass(700)
    observer.add(client)
    observer.remove(client)
    assertEquals(listOf("background", "foreground"), reports())
  }

  @Test
  fun `Calls fail in the background after the grace period, and go on in the foreground`() {
    val config = ClientConfig { backgroundGraceMs = 1 }
    val echo = RequestOptions("${Server.http}/echo")
    GadgetClient(config).use { real ->
      observer.add(real)
      val activity = shown()
      assertEquals(200, runBlocking { real.request(echo) }.status)
      activity.pause().stop()
      pass(700)
      Thread.sleep(50)
      assertEquals("app in background", runBlocking { real.errorOf(echo) }.detail)
      activity.start()
      assertEquals(200, runBlocking { real.request(echo) }.status)
    }
  }

  @Test
  fun `In the background cookies are saved, off the main thread`() {
    val storage = Kept()
    GadgetClient(ClientConfig()) { cookieStorage = storage }.use { real ->
      observer.add(real)
      val activity = shown()
      repeat(2) {
        // Without it, a thread of the engine saves after half a second.
        real.cookies.set(Cookie("a", "$it", "example.com") { expiresAtMillis = Long.MAX_VALUE })
        activity.pause().stop()
        pass(700)
        eventually("it is saved") { storage.threads.size == it + 1 }
        activity.start().resume()
      }
    }
    for (thread in storage.threads) assertEquals("gadget-request-save", thread.name)
    assertNotSame(Looper.getMainLooper().thread, storage.threads[0])
  }

  @Test
  fun `Cookies that cannot be saved are a warning`() {
    val storage = Kept(failure = IllegalStateException("on purpose"))
    GadgetClient(ClientConfig()) { cookieStorage = storage }.use { real ->
      observer.add(real)
      real.cookies.set(Cookie("a", "1", "example.com") { expiresAtMillis = Long.MAX_VALUE })
      shown().pause().stop()
      pass(700)
      eventually("a warning") { ShadowLog.getLogsForTag("gadget-request").isNotEmpty() }
    }
    val warning = ShadowLog.getLogsForTag("gadget-request").first()
    assertTrue(warning.msg, warning.msg.startsWith("cookies were not saved"))
  }

  @Test
  fun `Closing takes clients for in the foreground, and later reports have no effect`() {
    observer.add(client)
    val activity = shown()
    activity.pause().stop()
    pass(700)
    reports()
    observer.close()
    observer.close()
    assertEquals(listOf("foreground"), reports())
    activity.start().resume().pause().stop()
    pass(700)
    observer.add(client)
    assertEquals(emptyList<String>(), reports())
  }

  @Test
  fun `Closing takes back a background that is about to come`() {
    observer.add(client)
    shown().pause().stop()
    observer.close()
    pass(700)
    assertEquals("foreground", reports().last())
  }

  private class Kept(private val failure: Exception? = null) : CookieStorage {
    val threads = mutableListOf<Thread>()

    override fun load(): ByteArray? = null

    override fun save(bytes: ByteArray) {
      threads += Thread.currentThread()
      failure?.let { throw it }
    }
  }
}
