package dev.gadget.request.android

import android.app.Activity
import android.os.Looper
import dev.gadget.request.ClientConfig
import dev.gadget.request.CookieJar
import dev.gadget.request.FakeEngineTest.FakeEngine
import dev.gadget.request.ForegroundObserver
import dev.gadget.request.GadgetClient
import dev.gadget.request.RequestOptions
import dev.gadget.request.Server
import dev.gadget.request.errorOf
import dev.gadget.request.eventually
import example.HostApp
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
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
import java.io.IOException
import java.time.Duration
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

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
    second.restart()
    assertEquals(listOf("foreground"), reports())
    second.stop().restart().stop()
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
      activity.restart()
      assertEquals(200, runBlocking { real.request(echo) }.status)
    }
  }

  @Test
  @Config(application = HostApp::class)
  fun `The example of the docs tells its clients`() {
    val app = RuntimeEnvironment.getApplication() as HostApp
    val echo = RequestOptions("${Server.http}/echo")
    app.clientOf(ClientConfig { backgroundGraceMs = 1 }).use { real ->
      val activity = shown()
      assertEquals(200, runBlocking { real.request(echo) }.status)
      activity.pause().stop()
      pass(700)
      Thread.sleep(50)
      assertEquals("app in background", runBlocking { real.errorOf(echo) }.detail)
    }
  }

  @Test
  fun `In the background cookies are saved, off the main thread`() {
    val saved = LinkedBlockingQueue<Thread>()
    val other = clientThatSaves { saved += Thread.currentThread() }
    observer.add(other)
    val activity = shown()
    repeat(2) {
      activity.pause().stop()
      pass(699)
      assertEquals(0, saved.size)
      pass(1)
      assertEquals("gadget-request-save", saved.poll(10, TimeUnit.SECONDS)?.name)
      activity.restart().resume()
    }
  }

  @Test
  fun `Cookies that cannot be saved are a warning, and those of other clients are saved`() {
    val saved = LinkedBlockingQueue<Thread>()
    val failing = clientThatSaves { throw IOException("on purpose") }
    val other = clientThatSaves { saved += Thread.currentThread() }
    listOf(failing, other).forEach(observer::add)
    shown().pause().stop()
    pass(700)
    assertNotNull(saved.poll(10, TimeUnit.SECONDS))
    eventually("a warning") { ShadowLog.getLogsForTag("gadget-request").isNotEmpty() }
    val warning = ShadowLog.getLogsForTag("gadget-request").single()
    assertTrue(warning.msg, warning.msg.startsWith("cookies were not saved"))
    listOf(failing, other).forEach(GadgetClient::close)
  }

  private fun clientThatSaves(saving: () -> Unit) = GadgetClient(
    object : FakeEngine() {
      override val cookies = object : CookieJar by GadgetClient(ClientConfig()).cookies {
        override fun save() = saving()
      }
    },
  )

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
    activity.restart().stop()
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
}
