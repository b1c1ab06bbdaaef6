package dev.gadget.request

/**
 * Gets the outcome of a call of [GadgetClient.enqueue]. One of the two functions is called, once,
 * also after [RequestTask.abort] and [GadgetClient.close].
 *
 * It runs on a thread of the engine, never from within `enqueue`. It may run before `enqueue`
 * returns. All calls share a few threads: do not block there, and hand long work to another thread.
 * The engine logs a warning if it takes over 100 ms. It may call any function of this library.
 *
 * If it throws, the exception goes to the thread's uncaught exception handler. Other calls are not
 * affected (docs/contract.md#callbacks-and-completions).
 */
public interface RequestCallback {
  /** The server answered, with any status: 404 and 500 are responses too. */
  public fun onSuccess(response: Response)

  /**
   * There is no response: wrong options, no connection, timeout, abort, … The server may have
   * received the request anyway.
   */
  public fun onFail(error: GadgetException)
}
