package dev.gadget.request

/**
 * Gets what a call of [GadgetClient.enqueue] came to: one of the two, once, also after
 * [RequestTask.abort] and [GadgetClient.close].
 *
 * It comes on a thread of the engine, never on the caller's and never from within `enqueue`. The
 * engine has few threads and all calls share them: do not block there, hand over what takes long.
 * Over 100 ms is logged. Any function of this library may be called from within.
 *
 * What it throws goes to that thread's uncaught exception handler and hurts no other call.
 */
public interface RequestCallback {
  /**
   * The server answered, whatever it said: 404 and 500 are responses too.
   */
  public fun onSuccess(response: Response)

  /**
   * There is no response: wrong options, no connection, timeout, abort, … The server may have seen
   * the request nevertheless.
   */
  public fun onFail(error: GadgetException)
}
