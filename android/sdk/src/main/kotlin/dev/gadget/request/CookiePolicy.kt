package dev.gadget.request

/**
 * Exceptions from the platform's rules for cookies (docs/contract.md#5-cookies). Null means the
 * platform's rule.
 *
 * ```
 * cookiePolicy = CookiePolicy(setCookie = SetCookies.HIDDEN)
 * ```
 *
 * @property callerHeader how a `Cookie` header that the caller sets is treated. PC drops it; all
 *   other platforms merge it
 * @property jar true if the client sends the cookies of its jar and stores the cookies of
 *   responses. All platforms do
 * @property setCookie whether the mini program sees `Set-Cookie`. It is hidden on PC and in the
 *   developer tools, visible on all other platforms
 */
public class CookiePolicy
@JvmOverloads
constructor(
  public val callerHeader: CallerCookies? = null,
  public val jar: Boolean? = null,
  public val setCookie: SetCookies? = null,
)

/** How a `Cookie` header that the caller sets is treated. */
public enum class CallerCookies {
  /** Its cookies are sent as they are, then the jar's cookies that have other names. */
  MERGE,

  /** It is not sent. */
  DROP,
}

/**
 * Whether a mini program sees the `Set-Cookie` fields of a response. The jar stores the cookies
 * either way.
 */
public enum class SetCookies {
  /** It sees them. */
  VISIBLE,

  /** It does not see them, neither among the headers nor among the cookies. */
  HIDDEN,
}
