package dev.gadget.request.internal

import dev.gadget.request.CookieStorage
import dev.gadget.request.generated.StorageFailure
import dev.gadget.request.generated.CookieStorage as StorageInterface

/** A storage of the host app, for the engine. Nothing that it throws reaches the engine. */
internal class NativeCookieStorage(private val storage: CookieStorage) : StorageInterface {
  override fun load(): ByteArray? = failingIfThrown { storage.load() }

  override fun save(bytes: ByteArray) = failingIfThrown { storage.save(bytes) }

  override fun setAside() {
    runCatching { storage.setAside() }
  }

  private inline fun <T> failingIfThrown(action: () -> T): T = try {
    action()
  } catch (_: Throwable) {
    throw StorageFailure.Failed()
  }
}
