package dev.gadget.request.internal

import dev.gadget.request.HostResolver
import dev.gadget.request.generated.ResolverFailure
import dev.gadget.request.generated.HostResolver as ResolverInterface

/** A resolver of the host app, for the engine. Nothing that it throws reaches the engine. */
internal class NativeHostResolver(private val resolver: HostResolver) : ResolverInterface {
  override fun resolve(host: String): List<String> = try {
    // The engine's addresses have no zones.
    resolver.resolve(host).orEmpty().map { it.hostAddress.substringBefore('%') }
  } catch (_: Throwable) {
    throw ResolverFailure.Failed()
  }
}
