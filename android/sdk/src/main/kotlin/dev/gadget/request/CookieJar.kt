package dev.gadget.request

import java.io.IOException

/**
 * The cookies of a client's app (RFC 6265bis, docs/contract.md#5-cookies), as the host sees them:
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
 *   val cookie = when (change) {
 *     is CookieChange.Set -> change.cookie
 *     is CookieChange.Removed -> change.cookie.newBuilder().apply { expiresAtMillis = 0 }.build()
 *   }
 *   context.mainExecutor.execute { copy(cookie) }
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
   * @throws IllegalArgumentException one of them cannot be, and none was set; where there are
   *   several, the message begins with the index (`[1].domain: …`)
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
   * Deletes the cookie of this name, domain (as [Cookie.domain] has it, in any spelling) and path.
   *
   * @return whether there was one
   */
  public fun delete(name: String, domain: String, path: String): Boolean

  /** Removes all cookies. */
  public fun clear()

  /**
   * Removes the cookies of a domain and of all below it. It may be spelt with or without a dot
   * before it, in capitals or in letters beyond ASCII; what is no domain has no cookies.
   */
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
   *   was set; the message names index and member and holds nothing of the cookies
   */
  public fun importJson(json: String)

  /**
   * Saves what has changed, now and on this thread. The engine does it half a second after a
   * change, and soon after a client is closed, on threads of its own.
   *
   * @throws IOException it could not be saved, or what was saved before cannot be had just now. It
   *   stays to be saved
   */
  @Throws(IOException::class)
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
 * Changes are told after they were made, in their order and one at a time, on a thread that makes
 * one: where several do, one of them tells all. For a response it is a thread of the engine, of
 * which there are few: the listener must not block; hand over what takes long. It may use the jar
 * and the client. What it changes itself is told behind what is still to be told.
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
