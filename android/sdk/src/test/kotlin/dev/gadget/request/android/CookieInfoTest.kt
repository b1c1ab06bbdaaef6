package dev.gadget.request.android

import android.webkit.CookieManager
import androidx.webkit.CookieManagerCompat
import androidx.webkit.WebViewFeature
import dev.gadget.request.ClientConfig
import dev.gadget.request.Cookie
import dev.gadget.request.GadgetClient
import dev.gadget.request.SameSite
import dev.gadget.request.WebViewCookies
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements

/** A client and a CookieManager with androidx.webkit, which is a fake here. */
@RunWith(RobolectricTestRunner::class)
@Config(
  sdk = [35],
  shadows = [FakeCookieManagerCompat::class, FakeWebViewFeature::class],
  instrumentedPackages = ["androidx.webkit"],
)
class CookieInfoTest {
  private val client = GadgetClient(ClientConfig())

  @After
  fun forget() {
    client.close()
    FakeWebViewFeature.missing = emptySet()
  }

  private fun pulled(): List<Cookie> {
    FakeCookieManagerCompat.lines = listOf(
      "a=1; domain=www.example.com; path=/; secure; httponly; samesite=strict",
      "b=1; domain=.example.com; path=/p",
    )
    WebViewCookies.attach(client).use { runBlocking { it.pull("https://www.example.com/p") } }
    return client.cookies.list()
  }

  @Test
  fun `Cookies of a WebView come with all attributes`() {
    val host = Cookie("a", "1", "www.example.com") {
      secure = true
      httpOnly = true
      sameSite = SameSite.STRICT
    }
    assertEquals(listOf(host, Cookie("b", "1", ".example.com") { path = "/p" }), pulled())
  }

  @Test
  fun `A WebView that is too old shows names and values`() {
    FakeWebViewFeature.missing = setOf(WebViewFeature.GET_COOKIE_INFO)
    CookieManager.getInstance().setCookie("https://www.example.com/", "c=1")
    assertEquals(listOf("c"), pulled().map { it.name })
  }
}

/** Takes the place of the stub. */
@Implements(CookieManagerCompat::class)
class FakeCookieManagerCompat {
  companion object {
    var lines = emptyList<String>()

    @JvmStatic
    @Implementation
    fun getCookieInfo(manager: CookieManager, url: String): List<String> {
      check(url == "https://www.example.com/p" && manager === CookieManager.getInstance())
      return lines
    }
  }
}
