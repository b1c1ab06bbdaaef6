package dev.gadget.request

/** A call under way. Letting go of it leaves the call alone. May be used from any thread. */
public interface RequestTask {
  /** The call's id: 53 characters, also sent to the server (docs/contract.md#6-trace). */
  public val trace: String

  /**
   * Ends the call with 301 `abort`, unless it has its outcome already; then nothing happens. Any
   * number of times, at any time, also after its client was closed. The callback comes later, never
   * from within.
   *
   * A call that waits for a place has left the queue when this returns, and sends nothing. One in
   * flight has given up its place ([GadgetClient.inFlight] is lower already); its connection is
   * closed, or its stream reset, on a thread of the engine (docs/contract.md#8-abort).
   */
  public fun abort()
}
