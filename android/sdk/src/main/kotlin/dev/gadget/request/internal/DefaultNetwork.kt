package dev.gadget.request.internal

/**
 * What is known of the network that the app uses by default, and what follows from a change of it.
 * [N] is a network. For one thread at a time.
 */
internal class DefaultNetwork<N : Any>(
  private val setOnline: (Boolean) -> Unit,
  private val networkChanged: () -> Unit,
) {
  /** The network; null if there is none. */
  var current: N? = null
    private set

  private var addresses = emptySet<Any>()
  private var isBlocked = false

  fun become(network: N?) {
    val former = current
    if (network != former) {
      current = network
      addresses = emptySet()
      isBlocked = false
      // The engine does what networkChanged does when it is online again.
      if (former != null && network != null) networkChanged()
    }
    setOnline(network != null && !isBlocked)
  }

  fun lost(network: N) {
    if (network == current) become(null)
  }

  /** The device's addresses in a network. A new one harms nobody; connections end with old ones. */
  fun addresses(network: N, addresses: Set<Any>) {
    if (network != current) return
    val isOneGone = !addresses.containsAll(this.addresses)
    this.addresses = addresses
    if (isOneGone) networkChanged()
  }

  /** Whether the system lets the app use a network. */
  fun blocked(network: N, isBlocked: Boolean) {
    if (network != current || isBlocked == this.isBlocked) return
    this.isBlocked = isBlocked
    setOnline(!isBlocked)
  }
}
