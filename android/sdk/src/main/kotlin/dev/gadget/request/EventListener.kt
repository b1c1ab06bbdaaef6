package dev.gadget.request

/**
 * Hears of a response while its call runs: of calls of [GadgetClient.enqueue] and
 * [GadgetClient.invoke] that are given one (docs/contract.md#12-while-a-call-runs).
 *
 * Its functions run where the callback runs, on [GadgetClient.Builder.callbackExecutor]: one at a
 * time, in the order of the events, and before the callback. None runs from within `enqueue` or
 * `invoke`, but one may run before they return. After [RequestTask.abort] or a failure none begins,
 * not even for an event that was on its way.
 *
 * What a function throws goes where the exceptions of callbacks go ([RequestCallback]). Later
 * events and the callback come all the same.
 */
public interface EventListener {
  /** The head of the last response is there. It comes once, and first. */
  public fun onHeadersReceived(head: ResponseHead) {}

  /**
   * A piece of the body is there, decoded from its codings; never empty. Only for calls with
   * [RequestOptions.enableChunked], or `enableChunked` in their JSON.
   *
   * The next piece waits until this returns. Meanwhile the engine reads a little ahead, less than
   * 1 MiB, and then slows the server down. The timeout of the call goes on.
   *
   * @param chunk the bytes. The array belongs to the listener
   */
  public fun onChunkReceived(chunk: ByteArray) {}
}
