package dev.gadget.request

import dev.gadget.request.generated.Client
import dev.gadget.request.generated.CookieFailure
import dev.gadget.request.generated.CookieObserver
import dev.gadget.request.generated.StorageFailure
import dev.gadget.request.generated.cookieLine
import java.io.IOException
import java.util.concurrent.ConcurrentHashMap
import dev.gadget.request.generated.Cookie as CookieRecord
import dev.gadget.request.generated.CookieChange as ChangeRecord
import dev.gadget.request.generated.CookieListener as NativeListener
import dev.gadget.request.generated.CookieStorage as StorageInterface
import dev.gadget.request.generated.SameSite as SameSiteRecord

/** The jar of a client of the engine: converts in, converts out. */
internal class NativeCookieJar(private val client: Client) : CookieJar {
  /** A listener lives as long as the jar, not as long as somebody holds what would close it. */
  private val listening: MutableSet<AutoCloseable> = ConcurrentHashMap.newKeySet()

  override fun list(): List<Cookie> =
    onClient(ifClosed = emptyList()) { it.cookies(null).map(::cookie) }

  override fun list(url: String): List<Cookie> {
    if (!url.isInUtf8()) return emptyList()
    return onClient(ifClosed = emptyList()) { it.cookies(url).map(::cookie) }
  }

  override fun set(cookies: Iterable<Cookie>) {
    val all = cookies.toList()
    val records = all.mapIndexed { index, cookie ->
      record(cookie, place = if (all.size == 1) "" else "[$index].")
    }
    onClient(ifClosed = Unit) { refusingInvalid { it.setCookies(records) } }
  }

  override fun setLine(url: String, line: String): Boolean {
    if (!url.isInUtf8() || !line.isInUtf8()) return false
    return onClient(ifClosed = false) { it.setCookieLine(url, line) }
  }

  override fun delete(name: String, domain: String, path: String): Boolean {
    if (!listOf(name, domain, path).all { it.isInUtf8() }) return false
    return onClient(ifClosed = false) { it.deleteCookie(name, domain, path) }
  }

  override fun clear() = onClient(ifClosed = Unit) { it.clearCookies(null) }

  override fun clear(domain: String) {
    if (domain.isInUtf8()) onClient(ifClosed = Unit) { it.clearCookies(domain) }
  }

  override fun exportJson(): String = onClient(ifClosed = "[]") { it.exportCookies() }

  override fun importJson(json: String) = onClient(ifClosed = Unit) {
    refusingInvalid { it.importCookies(jsonInUtf8(json)) }
  }

  override fun save() = onClient(ifClosed = Unit) {
    try {
      it.saveCookies()
    } catch (failure: StorageFailure) {
      throw IOException("the cookies could not be saved", failure)
    }
  }

  override fun onChange(listener: CookieListener): AutoCloseable {
    val observer = Observer(listener)
    val native = onClient(ifClosed = null) { it.onCookieChange(observer) }
    val registration = Registration(observer, native)
    listening += registration
    // Closed in between, the client may have missed this one.
    if (client.uniffiIsDestroyed) registration.close()
    return registration
  }

  /** Ends what listens, once the client is gone. */
  fun close() = listening.forEach { it.close() }

  private inline fun <T> onClient(ifClosed: T, action: (Client) -> T): T = try {
    action(client)
  } catch (error: IllegalStateException) {
    // Thrown before anything was handed over, where the client is gone.
    if (!client.uniffiIsDestroyed) throw error
    ifClosed
  }

  private inner class Registration(
    private val observer: Observer,
    private val native: NativeListener?,
  ) : AutoCloseable {
    override fun close() {
      observer.isClosed = true
      native?.destroy()
      listening -= this
    }
  }

  private class Observer(private val listener: CookieListener) : CookieObserver {
    /** Asked here as well: the engine may have this at hand when it ends. */
    @Volatile
    var isClosed = false

    override fun changed(change: ChangeRecord) {
      if (!isClosed) reportingThrown { listener.onChange(change(change)) }
    }
  }
}

/** A storage of the host's, as the engine knows one: what is thrown goes no further. */
internal class NativeStorage(private val storage: CookieStorage) : StorageInterface {
  override fun load(): ByteArray? = failingWhereThrown { storage.load() }

  override fun save(bytes: ByteArray) = failingWhereThrown { storage.save(bytes) }

  override fun setAside() {
    runCatching { storage.setAside() }
  }

  private inline fun <T> failingWhereThrown(action: () -> T): T = try {
    action()
  } catch (_: Throwable) {
    throw StorageFailure.Failed()
  }
}

/** See [Cookie.toSetCookieLine]. */
internal fun setCookieLine(cookie: Cookie): String = cookieLine(record(cookie))

private inline fun refusingInvalid(action: () -> Unit) = try {
  action()
} catch (failure: CookieFailure.Invalid) {
  throw IllegalArgumentException(failure.reason, failure)
}

private fun change(record: ChangeRecord): CookieChange = when (record) {
  is ChangeRecord.Set -> CookieChange.Set(cookie(record.cookie))
  is ChangeRecord.Removed -> CookieChange.Removed(cookie(record.cookie))
}

private fun cookie(record: CookieRecord): Cookie =
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

/** For the engine; [place] stands before the member's name where it cannot be. */
private fun record(cookie: Cookie, place: String = ""): CookieRecord = CookieRecord(
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
