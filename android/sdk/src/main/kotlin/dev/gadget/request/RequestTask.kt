package dev.gadget.request

/**
 * A started call. The call goes on if nobody holds its task. It may be used from any thread.
 */
public interface RequestTask {
  /** The trace of the call: 53 characters, also sent to the server (docs/contract.md#6-trace). */
  public val trace: String

  /**
   * Ends the call with 301 `abort`. Has no effect if the call has its outcome already. It may be
   * called any number of times, at any time, also after the client is closed. The callback comes
   * later, never from within this function.
   *
   * When this returns, a queued call has left the queue and sends nothing. A call in flight has
   * given up its place, so [GadgetClient.inFlight] is lower already; its connection is closed, or
   * its stream reset, on a thread of the engine (docs/contract.md#8-abort).
   */
  public fun abort()
}
