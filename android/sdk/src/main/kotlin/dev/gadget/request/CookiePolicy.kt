package dev.gadget.request

/**
 * What a client does with cookies otherwise than its platform does it (docs/contract.md#5-cookies); null means
 * as the platform does it.
 *
 * ```
 * cookiePolicy = CookiePolicy(setCookie = SetCookies.HIDDEN)
 * ```
 *
 * @property callerHeader what becomes of a `Cookie` header that the caller sets. PC drops it, all
 *   others merge it
 * @property jar whether there is a jar: whether its cookies are sent, and those of responses
 *   stored. All platforms have one
 * @property setCookie whether the mini program sees `Set-Cookie`. It is hidden on PC and in the
 *   developer tools, visible on all others
 */
public class CookiePolicy
@JvmOverloads
constructor(
  public val callerHeader: CallerCookies? = null,
  public val jar: Boolean? = null,
  public val setCookie: SetCookies? = null,
) {
  internal fun json(): String = JsonObject()
    .text("caller_header", callerHeader?.word)
    .raw("jar", jar?.toString())
    .text("set_cookie", setCookie?.word)
    .toString()
}

/** What becomes of a `Cookie` header that the caller sets. */
public enum class CallerCookies(internal val word: String) {
  /**
   * Its cookies are sent as they stand; behind them those of the jar whose names it does not have.
   */
  MERGE("merge"),

  /** It is not sent. */
  DROP("drop"),
}

/**
 * Whether a mini program sees the `Set-Cookie` fields of a response. The jar gets them either way.
 */
public enum class SetCookies(internal val word: String) {
  /** It does. */
  VISIBLE("visible"),

  /** It does not: they are neither among the headers nor among the cookies. */
  HIDDEN("hidden"),
}
