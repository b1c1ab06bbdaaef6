package dev.gadget.request.android

import android.app.Activity
import android.os.Looper
import android.webkit.CookieManager
import dev.gadget.request.ClientConfig
import dev.gadget.request.Cookie
import dev.gadget.request.RequestOptions
import dev.gadget.request.Server
import dev.gadget.request.errorOf
import dev.gadget.request.eventually
import dev.gadget.request.pairs
import example.HostApp
import example.show
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.time.Duration

/** The examples of docs/android.md. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 35], application = HostApp::class)
class DeviceTest {
  private val app = RuntimeEnvironment.getApplication() as HostApp
  private val client = app.clientOf(ClientConfig { backgroundGraceMs = 1 })

  @Test
  fun `The observers of the app tell its clients`() = client.use {
    val echo = RequestOptions("${Server.http}/echo")
    val activity = Robolectric.buildActivity(Activity::class.java).setup()
    assertEquals(200, runBlocking { client.request(echo) }.status)
    activity.pause().stop()
    shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(700))
    Thread.sleep(50)
    assertEquals("app in background", runBlocking { client.errorOf(echo) }.detail)
  }

  @Test
  fun `A page loads with the cookies of its client, which gets those of the page`() = client.use {
    val webView = RecordingWebView()
    client.cookies.set(Cookie("a", "1", "page.example"))
    show("http://page.example/", webView, client).use {
      assertEquals(null, shadowOf(webView).lastLoadedUrl)
      eventually("the page is loaded") {
        idle()
        shadowOf(webView).lastLoadedUrl == "http://page.example/"
      }
      val manager = CookieManager.getInstance()
      assertEquals("a=1", manager.getCookie("http://page.example/"))
      manager.setCookie("http://page.example/", "a=2")
      shadowOf(webView).webViewClient.onPageFinished(webView, "http://page.example/")
      eventually("the client has it") { client.cookies.pairs == listOf("a=2") }
    }
  }
}
