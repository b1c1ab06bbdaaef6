package dev.gadget.request.internal

import dev.gadget.request.Cookie
import dev.gadget.request.CookieJar
import dev.gadget.request.CookieListener
import dev.gadget.request.CookieListening
import dev.gadget.request.generated.Client
import dev.gadget.request.generated.CookieFailure
import dev.gadget.request.generated.CookieObserver
import dev.gadget.request.generated.StorageFailure
import java.io.IOException
import java.util.concurrent.ConcurrentHashMap
import dev.gadget.request.generated.CookieChange as ChangeRecord
import dev.gadget.request.generated.CookieListener as NativeListener

/** The jar of a client, for which it asks when it is used. It converts values. */
internal class NativeCookieJar(private val client: () -> Client) : CookieJar {
  /** Keeps listeners alive, even if the host app does not hold what [onChange] returned. */
  private val registrations: MutableSet<CookieListening> = ConcurrentHashMap.newKeySet()

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

  override fun onChange(listener: CookieListener): CookieListening {
    val observer = Observer(listener)
    val native = onClient(ifClosed = null) { it.onCookieChange(observer) }
    val registration = Registration(observer, native)
    registrations += registration
    // The client may have been closed meanwhile, without this registration.
    if (client().uniffiIsDestroyed) registration.close()
    return registration
  }

  /** Closes all listeners. Called after the client is destroyed. */
  fun close() = registrations.forEach { it.close() }

  private inline fun <T> onClient(ifClosed: T, action: (Client) -> T): T {
    val client = client()
    return try {
      action(client)
    } catch (error: IllegalStateException) {
      // The generated code throws this before it calls the engine, if the client is destroyed.
      if (!client.uniffiIsDestroyed) throw error
      ifClosed
    }
  }

  private inner class Registration(
    private val observer: Observer,
    private val native: NativeListener?,
  ) : CookieListening {
    override fun close() {
      observer.isClosed = true
      native?.destroy()
      registrations -= this
    }
  }

  private class Observer(private val listener: CookieListener) : CookieObserver {
    /** Checked here too: the engine may be reporting a change already when this is closed. */
    @Volatile
    var isClosed = false

    override fun changed(change: ChangeRecord) {
      if (!isClosed) reportingThrown { listener.onChange(change(change)) }
    }
  }
}

private inline fun refusingInvalid(action: () -> Unit) = try {
  action()
} catch (failure: CookieFailure.Invalid) {
  throw IllegalArgumentException(failure.reason, failure)
}
