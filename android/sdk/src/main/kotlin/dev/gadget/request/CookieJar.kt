package dev.gadget.request

import java.io.IOException

/**
 * The cookies of a client, for the host app: [GadgetClient.cookies] (RFC 6265bis,
 * docs/contract.md#5-cookies).
 *
 * The host app sees all cookies. [CookiePolicy] limits what a mini program sees. Clients with
 * the same [ClientConfig.Builder.cookieDir] and app id share a jar.
 *
 * All functions may be called from any thread, also within a listener. None waits for the network.
 * The first call may wait for the file or the [CookieStorage] that has the cookies. The jar of a
 * closed client is empty, and changes to it have no effect.
 *
 * On Android, [WebViewCookies] keeps the pages in the host app's WebViews logged in as its mini
 * program is. Another store of cookies gets the changes by [onChange], and takes most cookies as
 * [Cookie.toSetCookieLine].
 */
public interface CookieJar {
  /** Returns all cookies that have not expired, the oldest first. */
  public fun list(): List<Cookie>

  /**
   * Returns the cookies that a request to [url] sends, in the order in which it sends them: the
   * longest path first, then the oldest cookie. Returns none if [url] is not a URL.
   */
  public fun list(url: String): List<Cookie>

  /**
   * Sets a cookie. It replaces the cookie with the same name, domain and path. An expired cookie
   * deletes that one.
   *
   * @throws IllegalArgumentException the cookie is invalid; the message names the member and holds
   *   nothing of the cookie
   */
  public fun set(cookie: Cookie): Unit = set(listOf(cookie))

  /**
   * Sets several cookies, all or none.
   *
   * @throws IllegalArgumentException a cookie is invalid, and none was set. If there are several
   *   cookies, the message begins with the index of the invalid one: `[1].domain: …`
   */
  public fun set(cookies: Iterable<Cookie>)

  /**
   * Takes a `Set-Cookie` line as if a response from [url] had set it; Android's CookieManager takes
   * cookies in this form. A cookie that such a response must not set is ignored.
   *
   * @return true if the jar has changed
   */
  public fun setLine(url: String, line: String): Boolean

  /**
   * Deletes the cookie with this name, domain and path. The domain is the one of [Cookie.domain],
   * in any spelling.
   *
   * @return true if there was such a cookie
   */
  public fun delete(name: String, domain: String, path: String): Boolean

  /** Deletes all cookies. */
  public fun clear()

  /**
   * Deletes the cookies of a domain and of all its subdomains. The domain may have a leading dot,
   * capitals and letters beyond ASCII. Has no effect if the text is not a domain.
   */
  public fun clear(domain: String)

  /**
   * Returns all cookies as a JSON array of objects with the members `name`, `value`, `domain`,
   * `path`, `expires` (milliseconds since 1970; missing for a cookie of the session), `secure`,
   * `httpOnly` and `sameSite` (`strict`, `lax` or `none`; missing if the cookie has none). The
   * form is the same on every platform.
   */
  public fun exportJson(): String

  /**
   * Sets the cookies of JSON that [exportJson] has made, all or none. Other cookies stay.
   *
   * @throws IllegalArgumentException the text is not such JSON or a cookie is invalid; then none
   *   is set. The message names index and member and holds nothing of the cookies
   */
  public fun importJson(json: String)

  /**
   * Saves all changes, now and on this thread. Without it, the engine saves them half a second
   * after a change and soon after the client is closed, on its own threads.
   *
   * @throws IOException the changes could not be saved, or the cookies saved before cannot be read
   *   now. The engine tries again later
   */
  @Throws(IOException::class)
  public fun save()

  /**
   * Reports every later change to [listener], until the returned object or the client is closed.
   * Cookies that are in the jar already are not reported.
   *
   * @return ends the reports when it is closed
   */
  public fun onChange(listener: CookieListener): CookieListening
}

/** A [CookieListener] that gets the changes of a [CookieJar], until this is closed. */
public interface CookieListening : AutoCloseable {
  /**
   * Ends the reports. It may be called any number of times, from any thread, also within the
   * listener. No call of the listener begins after that; one on another thread may still be
   * running. It throws nothing, so Java need not catch anything.
   */
  override fun close()
}

/**
 * Gets the changes of a [CookieJar], made by responses or by the host app.
 *
 * Changes are reported after they are made, in their order, one at a time, on a thread that makes
 * changes. If several threads do, one of them reports all. For a response it is one of the few
 * threads of the engine: do not block there, and hand long work to another thread.
 * [GadgetClient.Builder.callbackExecutor] does not count here, because the order of changes of
 * several threads would be lost on it. A listener may use the jar and the client. Its own changes
 * are reported after all earlier ones.
 *
 * If it throws, the exception goes to the thread's uncaught exception handler. The change and other
 * listeners are not affected.
 */
public fun interface CookieListener {
  /** A cookie has changed. */
  public fun onChange(change: CookieChange)
}

/**
 * A change of a [CookieJar]: by a response, by the host app, by another process that shares the
 * folder, or because the jar was full.
 */
public sealed class CookieChange {
  /** The cookie that has changed. */
  public abstract val cookie: Cookie

  /**
   * The cookie is new, or has another value or other attributes.
   *
   * @property cookie the cookie after the change
   */
  public class Set internal constructor(override val cookie: Cookie) : CookieChange()

  /**
   * The cookie was removed. An expired cookie may be reported late, or never.
   *
   * @property cookie the cookie before the change
   */
  public class Removed internal constructor(override val cookie: Cookie) : CookieChange()
}
