package dev.gadget.request.internal

import java.util.concurrent.Executor
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.atomic.AtomicBoolean

/**
 * Runs [callback] on this executor; without one, here. It runs exactly once: if the executor throws
 * and has not begun it, it runs here.
 *
 * What the callback throws here is thrown on, and so is what the executor throws. That it rejects a
 * callback is no error: it was shut down, or it is full.
 */
internal fun Executor?.deliver(callback: () -> Unit) {
  if (this == null) return callback()
  val delivery = Delivery(callback)
  try {
    execute(delivery)
  } catch (thrown: Throwable) {
    // A direct executor throws what the callback has thrown.
    if (!delivery.begin()) throw thrown
    if (thrown is RejectedExecutionException) return callback()
    reportingThrown(callback)
    throw thrown
  }
}

/** A callback that runs once, however often an executor runs it. */
private class Delivery(private val callback: () -> Unit) : Runnable {
  private val begun = AtomicBoolean()

  /** True for the first who asks: the callback is theirs to run. */
  fun begin(): Boolean = begun.compareAndSet(false, true)

  override fun run() {
    if (begin()) callback()
  }
}
