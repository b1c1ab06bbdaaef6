package dev.gadget.request

import dev.gadget.request.internal.setCookieLine

/**
 * A cookie of a [CookieJar], with the members that a WebView's store has.
 *
 * ```
 * val cookie = Cookie("session", token, ".example.com") {
 *   expiresAtMillis = System.currentTimeMillis() + 3_600_000
 *   secure = true
 * }
 * ```
 *
 * It is not checked here: [CookieJar.set] refuses an invalid cookie. Two are equal if all their
 * members are. It may be used from any thread. It may be logged: [toString] shows no member.
 */
public class Cookie private constructor(builder: Builder) {
  /**
   * A cookie with what [configure] sets. By default it has the path `/` and ends with the session.
   *
   * @param name see [Cookie.name]
   * @param value see [Cookie.value]
   * @param domain see [Cookie.domain]
   */
  @JvmOverloads
  public constructor(
    name: String,
    value: String,
    domain: String,
    configure: Builder.() -> Unit = {},
  ) : this(Builder(name, value, domain).apply(configure))

  /** The name; empty for a nameless cookie. */
  public val name: String = builder.name

  /** The value. A value that is not UTF-8 is read as ISO-8859-1. */
  public val value: String = builder.value

  /**
   * The hosts that get the cookie. `example.com` is only that host; `.example.com`, with a leading
   * dot, is that host and all its subdomains.
   */
  public val domain: String = builder.domain

  /** See [Builder.path]. */
  public val path: String = builder.path

  /** See [Builder.expiresAtMillis]. */
  public val expiresAtMillis: Long? = builder.expiresAtMillis

  /** See [Builder.secure]. */
  public val secure: Boolean = builder.secure

  /** See [Builder.httpOnly]. */
  public val httpOnly: Boolean = builder.httpOnly

  /** See [Builder.sameSite]. */
  public val sameSite: SameSite? = builder.sameSite

  private val members: List<Any?>
    get() = listOf(name, value, domain, path, expiresAtMillis, secure, httpOnly, sameSite)

  /**
   * The cookie as a `Set-Cookie` line, for `android.webkit.CookieManager.setCookie` and
   * [CookieJar.setLine]. Both also want a URL of the cookie's own host, with https if it is
   * [secure].
   *
   * @throws IllegalArgumentException a member has a lone surrogate, which UTF-8 cannot encode; the
   *   message names the member. Nothing else is checked
   */
  public fun toSetCookieLine(): String = setCookieLine(this)

  /** A builder with all members of this cookie. */
  public fun newBuilder(): Builder = Builder(name, value, domain).also {
    it.path = path
    it.expiresAtMillis = expiresAtMillis
    it.secure = secure
    it.httpOnly = httpOnly
    it.sameSite = sameSite
  }

  override fun equals(other: Any?): Boolean = other is Cookie && members == other.members

  override fun hashCode(): Int = members.hashCode()

  /** No member, so that none gets into logs. */
  override fun toString(): String = "Cookie(...)"

  /**
   * Collects the members of a cookie. For one thread at a time.
   *
   * @property name see [Cookie.name]
   * @property value see [Cookie.value]
   * @property domain see [Cookie.domain]
   */
  public class Builder(
    public var name: String,
    public var value: String,
    public var domain: String,
  ) {
    /** The path: only requests to it and to paths below it send the cookie. Default: `/`. */
    public var path: String = "/"

    /**
     * When the cookie expires, in milliseconds since 1970, as in `System.currentTimeMillis`.
     * Default, null: at the end of the session, which ends with the jar. No cookie is kept for
     * longer than 400 days.
     */
    public var expiresAtMillis: Long? = null

    /** True if it is sent only over https and to loopback. Default: false. */
    public var secure: Boolean = false

    /**
     * True if it is hidden from scripts. A host app that gives cookies to the scripts of a page
     * leaves it out. Default: false.
     */
    public var httpOnly: Boolean = false

    /** The attribute `SameSite`. A mini program's requests are same-site. Default, null: none. */
    public var sameSite: SameSite? = null

    /** The cookie collected so far. The builder may be changed and used again. */
    public fun build(): Cookie = Cookie(this)
  }
}

/** The attribute `SameSite` of a cookie. */
public enum class SameSite {
  /** `Strict`. */
  STRICT,

  /** `Lax`. */
  LAX,

  /** `None`. The cookie must be [Cookie.secure]. */
  NONE,
}
