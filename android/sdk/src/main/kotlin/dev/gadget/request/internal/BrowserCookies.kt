package dev.gadget.request.internal

import android.webkit.CookieManager
import androidx.webkit.CookieManagerCompat
import androidx.webkit.WebViewFeature
import dev.gadget.request.Cookie

/** The cookies of a WebView: [WebViewStore], or a fake in tests. */
internal interface BrowserCookies {
  /** The cookies that a request to [url] sends. */
  fun list(url: String): List<BrowserCookie>

  /** Takes a `Set-Cookie` line as if a response from [url] had set it. */
  fun set(url: String, line: String)

  /** Writes all changes to the disk. */
  fun save()
}

/** A cookie as a WebView shows it: as a [whole], or its name and value only. */
internal class BrowserCookie(val name: String, val value: String, val whole: Cookie? = null) {
  constructor(whole: Cookie) : this(whole.name, whole.value, whole)

  /** True if it is this cookie, with any value; without a whole, it may be one with its name. */
  fun isOf(cookie: Cookie): Boolean =
    if (whole != null) whole.key == cookie.key else name == cookie.name
}

/** Android's CookieManager. It may be used from any thread, and waits for its database. */
internal class WebViewStore(private val manager: CookieManager) : BrowserCookies {
  override fun list(url: String): List<BrowserCookie> = when {
    showsAttributes() ->
      CookieManagerCompat.getCookieInfo(manager, url).map { BrowserCookie(cookieOfLine(it)) }

    else -> pairs(manager.getCookie(url).orEmpty())
  }

  override fun set(url: String, line: String) = manager.setCookie(url, line)

  override fun save() = manager.flush()

  /** True if the host app contains androidx.webkit 1.6 or later, and the WebView is new enough. */
  private fun showsAttributes(): Boolean = try {
    WebViewFeature.isFeatureSupported(WebViewFeature.GET_COOKIE_INFO)
  } catch (_: LinkageError) {
    false
  } catch (_: RuntimeException) {
    false // before 1.6: an unknown feature
  }
}

/** The cookies of a `Cookie` header. */
internal fun pairs(header: String): List<BrowserCookie> =
  header.split("; ").filter { it.isNotEmpty() }.map { pair ->
    val (name, value) = nameAndValue(pair)
    BrowserCookie(name, value)
  }

/** A cookie without a name may be without a `=`. */
internal fun nameAndValue(pair: String): Pair<String, String> =
  pair.substringBefore('=', missingDelimiterValue = "") to pair.substringAfter('=')
