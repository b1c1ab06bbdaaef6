package dev.gadget.request

/**
 * Gets the outcome of a call of [GadgetClient.enqueue]. One of the two functions is called, once,
 * also after [RequestTask.abort] and [GadgetClient.close].
 *
 * It runs on [GadgetClient.Builder.callbackExecutor]: on Android the main thread, unless the host
 * app has set another one. It never runs from within `enqueue`, whatever the executor. It may run
 * before `enqueue` returns. It may call any function of this library.
 *
 * Callbacks reach the executor in the order in which their calls end. Calls that end at nearly
 * the same time have no order.
 *
 * If it throws, the exception goes where those of the executor's tasks go; on the main thread that
 * ends the app. On a thread of the engine it goes to the thread's uncaught exception handler. Other
 * calls are not affected (docs/contract.md#callbacks-and-completions).
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
