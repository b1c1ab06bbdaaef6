package dev.gadget.request

import dev.gadget.request.generated.ResolverFailure
import dev.gadget.request.generated.HostResolver as ResolverInterface

/** A resolver of the host's, as the engine knows one: what is thrown goes no further. */
internal class NativeHostResolver(private val resolver: HostResolver) : ResolverInterface {
  override fun resolve(host: String): List<String> = try {
    // The engine's addresses have no zones.
    resolver.resolve(host).orEmpty().map { it.hostAddress.substringBefore('%') }
  } catch (_: Throwable) {
    throw ResolverFailure.Failed()
  }
}
