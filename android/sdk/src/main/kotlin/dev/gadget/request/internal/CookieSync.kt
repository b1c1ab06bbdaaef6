package dev.gadget.request.internal

import dev.gadget.request.Cookie
import dev.gadget.request.CookieChange
import dev.gadget.request.CookieJar
import java.net.MalformedURLException
import java.net.URL
import java.util.Locale

/**
 * Copies cookies between a jar and a WebView. For one thread at a time, except [changed].
 *
 * It knows what the WebView had when it last looked. Only what differs from that is copied, in
 * either direction: so nothing goes in circles, and an old value never replaces a new one.
 */
internal class CookieSync(private val jar: CookieJar, browser: () -> BrowserCookies) {
  private val browser by lazy(browser)

  /** Changes of the jar that are not copied yet: the last one of each cookie. */
  private val changes = LinkedHashMap<CookieKey, CookieChange>()

  /** What the WebView had. */
  private val seen = HashMap<CookieKey, Cookie>()

  /** What the WebView had no more, so that it was deleted from the jar. */
  private val gone = HashSet<CookieKey>()

  /** Where a cookie with unknown attributes was read: it may not be where they say. */
  private val readAt = HashMap<CookieKey, String>()

  /** Takes note of a change of the jar. Changes come in their order, on any thread. */
  fun changed(change: CookieChange) {
    synchronized(changes) { changes[change.cookie.key] = change }
  }

  /** Copies all that the jar has now. Another thread may not have reported its change yet. */
  fun pushAll() {
    push()
    jar.list().filter { seen[it.key]?.value != it.value }.forEach(::write)
  }

  /** Copies the changes of the jar that were reported. */
  fun push() {
    val all = synchronized(changes) { changes.values.toList().also { changes.clear() } }
    val news = all.filterNot(::isThere)
    for (change in news) {
      val isRemoved = change is CookieChange.Removed
      write(if (isRemoved) change.cookie.with { expiresAtMillis = 0 } else change.cookie)
    }
    // Otherwise a removed cookie may be back if the process ends.
    if (news.any { it is CookieChange.Removed }) browser.save()
  }

  /** True if the WebView was like this when the change came: it comes from there, mostly. */
  private fun isThere(change: CookieChange): Boolean {
    val key = change.cookie.key
    val isGone = gone.remove(key)
    return when (change) {
      is CookieChange.Set -> seen[key]?.isInLine(change.cookie) == true
      is CookieChange.Removed -> isGone
    }
  }

  private fun write(cookie: Cookie) {
    val scheme = if (cookie.secure) "https" else "http"
    val url = "$scheme://${cookie.domain.removePrefix(".")}${cookie.path}"
    browser.set(url, cookie.toSetCookieLine())
    val found = browser.list(readAt[cookie.key] ?: url).find {
      it.isOf(cookie) && (it.whole != null || it.value == cookie.value)
    }
    if (found == null) seen -= cookie.key else seen[cookie.key] = found.whole ?: cookie
  }

  /** Copies what has changed in the cookies that the WebView sends to [url]. */
  fun pull(url: String) {
    push()
    val inBrowser = browser.list(url)
    val inJar = jar.list(url)
    for (found in inBrowser) {
      val cookie = found.whole ?: completed(found, inBrowser, inJar, url) ?: continue
      val known = seen.put(cookie.key, cookie)
      val isKnown = if (found.whole == null) known?.value == found.value else known == cookie
      if (!isKnown && inJar.none { it.isInLine(cookie) }) take(cookie)
    }
    for (cookie in inJar) {
      val mayBeHidden = cookie.secure && !url.startsWith("https:", ignoreCase = true)
      if (mayBeHidden || inBrowser.any { it.isOf(cookie) }) continue
      if (seen[cookie.key]?.value == cookie.value) delete(cookie)
    }
  }

  /** Null if it is not clear which cookie of the jar has this name. */
  private fun completed(
    found: BrowserCookie,
    inBrowser: List<BrowserCookie>,
    inJar: List<Cookie>,
    url: String,
  ): Cookie? {
    val ofName = inJar.filter { it.name == found.name }
    if (ofName.size > 1 || inBrowser.count { it.name == found.name } > 1) return null
    return ofName.singleOrNull()?.with { value = found.value } ?: strictest(found, url)
  }

  /** Its attributes are unknown: it goes nowhere where it might not go in the WebView. */
  private fun strictest(found: BrowserCookie, url: String): Cookie? = try {
    val page = URL(url)
    Cookie(found.name, found.value, page.host.lowercase(Locale.ROOT)) {
      secure = page.protocol == "https"
      httpOnly = true
    }.also { readAt[it.key] = url }
  } catch (_: MalformedURLException) {
    null
  }

  private fun take(cookie: Cookie) = try {
    jar.set(cookie)
  } catch (_: IllegalArgumentException) {
    // The jar's rules are stricter in details. Since it was seen, it is not tried again.
  }

  private fun delete(cookie: Cookie) {
    seen -= cookie.key
    gone += cookie.key
    if (!jar.delete(cookie.name, cookie.domain, cookie.path)) gone -= cookie.key
  }
}
