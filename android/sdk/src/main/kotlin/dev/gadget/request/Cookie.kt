package dev.gadget.request

/**
 * A cookie of a [CookieJar], in the terms of a WebView's store.
 *
 * ```
 * val cookie = Cookie("session", token, ".example.com") {
 *   expiresAtMillis = System.currentTimeMillis() + 3_600_000
 *   secure = true
 * }
 * ```
 *
 * It is not checked here: [CookieJar.set] refuses what cannot be. Two are equal where all of their
 * members are. It can be used from any thread, and it can be logged: [toString] shows nothing of
 * it.
 */
public class Cookie private constructor(builder: Builder) {
  /**
   * A cookie with what [configure] sets; else one of the session, with the path `/`.
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

  /** The name; empty for a nameless one. */
  public val name: String = builder.name

  /** The value. Bytes that are no UTF-8 are shown as ISO-8859-1. */
  public val value: String = builder.value

  /**
   * The host that it is for alone, or with a dot before it, a domain with all that is below it.
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
   * The cookie as a `Set-Cookie` line, as `android.webkit.CookieManager.setCookie` and
   * [CookieJar.setLine] take it. A URL of the cookie's own host goes with it there, by https where
   * it is [secure]. [CookieJar] shows how.
   *
   * @throws IllegalArgumentException a text that UTF-8 cannot say; the message names the member.
   *   Nothing else is checked
   */
  public fun toSetCookieLine(): String = setCookieLine(this)

  /** A builder that has all of this cookie's members. */
  public fun newBuilder(): Builder = Builder(name, value, domain).also {
    it.path = path
    it.expiresAtMillis = expiresAtMillis
    it.secure = secure
    it.httpOnly = httpOnly
    it.sameSite = sameSite
  }

  override fun equals(other: Any?): Boolean = other is Cookie && members == other.members

  override fun hashCode(): Int = members.hashCode()

  /** Nothing of the cookie: this ends up in logs. */
  override fun toString(): String = "Cookie(...)"

  /**
   * Gathers the members of a cookie. For one thread at a time.
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
    /** The path below which it is sent. */
    public var path: String = "/"

    /**
     * When it is over, in milliseconds since 1970, as `System.currentTimeMillis` counts them; null:
     * with the process. No cookie is kept for longer than 400 days.
     */
    public var expiresAtMillis: Long? = null

    /** Whether it is sent over https and to loopback only. */
    public var secure: Boolean = false

    /** Whether it is not for scripts: a host that hands cookies to a page leaves it out. */
    public var httpOnly: Boolean = false

    /** What it says of requests from other sites; a mini program's are none. Null: nothing. */
    public var sameSite: SameSite? = null

    /** The cookie gathered so far; the builder can be used on. */
    public fun build(): Cookie = Cookie(this)
  }
}

/** The attribute `SameSite` of a cookie. */
public enum class SameSite {
  /** `Strict`. */
  STRICT,

  /** `Lax`. */
  LAX,

  /** `None`: for [Cookie.secure] cookies only. */
  NONE,
}
