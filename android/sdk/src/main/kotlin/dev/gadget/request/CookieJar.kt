package dev.gadget.request

/**
 * The cookies of a client's app (RFC 6265bis, SPEC section 5), as the host sees them:
 * [GadgetClient.cookies].
 *
 * This is the host's view, and shows all; what a mini program may see of them is the client's
 * [CookiePolicy]. Clients with the same [ClientConfig.Builder.cookieDir] and app id share a jar.
 * Everything here may be called from any thread, also within a listener. Nothing waits for the
 * network; the first call may wait for the file or the [CookieStorage] that has the cookies.
 *
 * The jar of a closed client shows no cookies, and takes no notice of what it is told.
 *
 * So does a host keep the pages of its WebViews logged in where its mini program is:
 *
 * ```
 * val webView = CookieManager.getInstance() // android.webkit
 *
 * fun copy(cookie: Cookie) {
 *   val scheme = if (cookie.secure) "https" else "http"
 *   webView.setCookie("$scheme://${cookie.domain.removePrefix(".")}", cookie.toSetCookieLine())
 * }
 *
 * val listening = client.cookies.onChange { change ->
 *   context.mainExecutor.execute {
 *     val told = change.cookie
 *     // Of two changes at once the later may be told first: what counts is what is there by now.
 *     val now = client.cookies.list().find {
 *       it.name == told.name && it.domain == told.domain && it.path == told.path
 *     }
 *     when {
 *       now != null -> copy(now)
 *       change is CookieChange.Removed ->
 *         copy(told.newBuilder().apply { expiresAtMillis = 0 }.build())
 *     }
 *   }
 * }
 * context.mainExecutor.execute { client.cookies.list().forEach(::copy) }
 * ```
 *
 * [setLine] takes them the other way: `CookieManagerCompat.getCookieInfo` of androidx.webkit has
 * the lines.
 */
public interface CookieJar {
  /** All cookies that are not over, the oldest first. */
  public fun list(): List<Cookie>

  /**
   * The cookies that a request to a URL takes along, in the order in which they are sent: longest
   * path first, then oldest. None where [url] is no URL.
   */
  public fun list(url: String): List<Cookie>

  /**
   * Sets a cookie in the place of the one with its name, domain and path. One that is over removes
   * it.
   *
   * @throws IllegalArgumentException it cannot be; the message names the member and holds nothing
   *   of the cookie
   */
  public fun set(cookie: Cookie): Unit = set(listOf(cookie))

  /**
   * The same for several, all or none.
   *
   * @throws IllegalArgumentException one of them cannot be, and none was set; likewise
   */
  public fun set(cookies: Iterable<Cookie>)

  /**
   * Takes a `Set-Cookie` line as if a response from [url] had set it, which is how Android's
   * CookieManager takes cookies. What such a response may not set is not taken.
   *
   * @return whether the jar has changed
   */
  public fun setLine(url: String, line: String): Boolean

  /**
   * Deletes the cookie of this name, domain (as [Cookie.domain] has it) and path.
   *
   * @return whether there was one
   */
  public fun delete(name: String, domain: String, path: String): Boolean

  /** Removes all cookies. */
  public fun clear()

  /** Removes the cookies of a domain, with or without a dot before it, and of all below it. */
  public fun clear(domain: String)

  /**
   * All cookies as a JSON array of objects with the members `name`, `value`, `domain`, `path`,
   * `expires` (milliseconds since 1970; absent for a session's), `secure`, `httpOnly` and
   * `sameSite` (`strict`, `lax`, `none` or absent). It is the same on every platform.
   */
  public fun exportJson(): String

  /**
   * Sets the cookies of JSON such as [exportJson] makes, all or none, beside those that are there.
   *
   * @throws IllegalArgumentException it is no such JSON, or one of its cookies cannot be, and none
   *   was set; the message names the member and holds nothing of the cookies
   */
  public fun importJson(json: String)

  /**
   * Saves what has changed, now and on this thread. The engine does it half a second after a
   * change, and when a client is closed.
   */
  public fun save()

  /**
   * Tells [listener] every change from now on, until what is returned is closed, or the client. A
   * call that another thread is in may still be going on then; none begins. It may be closed from
   * any thread, also within the listener, and any number of times.
   *
   * What is there already is not told.
   */
  public fun onChange(listener: CookieListener): AutoCloseable
}

/**
 * Hears of the changes of a [CookieJar], be they made by a response or by the host.
 *
 * It is called on the thread that makes the change, after it: for a response one of the engine, of
 * which there are few. It must not block; hand over what takes long. It may use the jar and the
 * client. Changes on several threads are told on these at once, in any order.
 *
 * What it throws goes to that thread's uncaught exception handler and hurts neither the change nor
 * other listeners.
 */
public fun interface CookieListener {
  /** This has changed. */
  public fun onChange(change: CookieChange)
}

/** A change of a [CookieJar]: by a response, by the host, or because there was no room. */
public sealed class CookieChange {
  /** The cookie that it is about. */
  public abstract val cookie: Cookie

  /**
   * The cookie is new, or has another value or other attributes.
   *
   * @property cookie as it is now
   */
  public class Set internal constructor(override val cookie: Cookie) : CookieChange()

  /**
   * The cookie is gone. One whose time is over is gone by then, but told later, or never.
   *
   * @property cookie as it was
   */
  public class Removed internal constructor(override val cookie: Cookie) : CookieChange()
}
