package dev.gadget.request.internal

import dev.gadget.request.Cookie
import dev.gadget.request.CookieChange
import dev.gadget.request.SameSite
import dev.gadget.request.generated.cookieLine
import dev.gadget.request.generated.Cookie as CookieRecord
import dev.gadget.request.generated.CookieChange as ChangeRecord
import dev.gadget.request.generated.SameSite as SameSiteRecord

/** See [Cookie.toSetCookieLine]. */
internal fun setCookieLine(cookie: Cookie): String = cookieLine(record(cookie))

internal fun change(record: ChangeRecord): CookieChange = when (record) {
  is ChangeRecord.Set -> CookieChange.Set(cookie(record.cookie))
  is ChangeRecord.Removed -> CookieChange.Removed(cookie(record.cookie))
}

internal fun cookie(record: CookieRecord): Cookie =
  Cookie(record.name, record.value, record.domain) {
    path = record.path
    expiresAtMillis = record.expiresMs
    secure = record.secure
    httpOnly = record.httpOnly
    sameSite = when (record.sameSite) {
      SameSiteRecord.STRICT -> SameSite.STRICT
      SameSiteRecord.LAX -> SameSite.LAX
      SameSiteRecord.NONE -> SameSite.NONE
      null -> null
    }
  }

/** The cookie for the engine. [place] precedes the member's name in the message of a refusal. */
internal fun record(cookie: Cookie, place: String = ""): CookieRecord = CookieRecord(
  name = cookie.name.utf8("${place}name"),
  value = cookie.value.utf8("${place}value"),
  domain = cookie.domain.utf8("${place}domain"),
  path = cookie.path.utf8("${place}path"),
  expiresMs = cookie.expiresAtMillis,
  secure = cookie.secure,
  httpOnly = cookie.httpOnly,
  sameSite = when (cookie.sameSite) {
    SameSite.STRICT -> SameSiteRecord.STRICT
    SameSite.LAX -> SameSiteRecord.LAX
    SameSite.NONE -> SameSiteRecord.NONE
    null -> null
  },
)

private fun String.utf8(member: String): String =
  apply { require(isInUtf8()) { "$member: lone surrogate" } }
