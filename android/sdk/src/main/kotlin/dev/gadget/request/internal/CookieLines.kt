package dev.gadget.request.internal

import dev.gadget.request.Cookie
import dev.gadget.request.SameSite
import java.text.ParseException
import java.text.SimpleDateFormat
import java.util.Locale
import java.util.TimeZone

/** What tells a cookie from the others of a jar. */
internal data class CookieKey(val name: String, val domain: String, val path: String)

internal val Cookie.key: CookieKey get() = CookieKey(name, domain, path)

/** True if both are the same in whole seconds, which is what a `Set-Cookie` line has. */
internal fun Cookie.isInLine(other: Cookie): Boolean = inSeconds() == other.inSeconds()

private fun Cookie.inSeconds() = with {
  expiresAtMillis = expiresAtMillis?.let { it / 1000 * 1000 }
}

internal fun Cookie.with(change: Cookie.Builder.() -> Unit): Cookie =
  newBuilder().apply(change).build()

/**
 * A cookie as a WebView shows it. It is not quite a `Set-Cookie` line: the domain is always there,
 * and begins with a dot only if the hosts below it get the cookie as well.
 */
internal fun cookieOfLine(line: String): Cookie {
  val parts = line.split("; ")
  val (name, value) = nameAndValue(parts[0])
  val attributes = parts.drop(1).associate { part ->
    part.substringBefore('=').lowercase(Locale.ROOT) to part.substringAfter('=', "")
  }
  return Cookie(name, value, attributes["domain"].orEmpty()) {
    path = attributes["path"] ?: "/"
    expiresAtMillis = attributes["expires"]?.let(::millisOfDate)
    secure = "secure" in attributes
    httpOnly = "httponly" in attributes
    sameSite = attributes["samesite"]?.let { sameSiteOf(it, secure) }
  }
}

private fun millisOfDate(date: String): Long? = try {
  val format = SimpleDateFormat("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
  format.timeZone = TimeZone.getTimeZone("GMT")
  format.parse(date)?.time
} catch (_: ParseException) {
  null
}

/** Old WebViews keep `None` without `Secure`, which the jar refuses. */
private fun sameSiteOf(name: String, secure: Boolean): SameSite? =
  SameSite.entries.find { it.name.equals(name, ignoreCase = true) }
    .takeIf { it != SameSite.NONE || secure }
