package dev.gadget.request.internal

import dev.gadget.request.GadgetClient
import java.util.Collections
import java.util.WeakHashMap

/**
 * The clients that an observer tells one thing: yes or no. A client takes it for yes until it is
 * told. They are not kept alive.
 *
 * For any thread. The clients are told under a lock, so that each gets the reports in their order.
 * What they do then runs no code of the host app on this thread.
 */
internal class Observed(private val tell: GadgetClient.(Boolean) -> Unit) {
  private val clients = Collections.newSetFromMap(WeakHashMap<GadgetClient, Boolean>())
  private var isClosed = false

  /** What was reported last. */
  var state = true
    private set

  @Synchronized
  fun add(client: GadgetClient) {
    if (!isClosed && clients.add(client)) client.tell(state)
  }

  /** Nobody reports to the client any more, so it takes it for yes again. */
  @Synchronized
  fun remove(client: GadgetClient) {
    if (clients.remove(client)) client.tell(true)
  }

  @Synchronized
  fun report(state: Boolean) {
    if (this.state == state) return
    this.state = state
    forEach { it.tell(this.state) }
  }

  @Synchronized
  fun forEach(action: (GadgetClient) -> Unit) = clients.toList().forEach(action)

  @Synchronized
  fun close() {
    isClosed = true
    report(true)
    clients.clear()
  }
}
