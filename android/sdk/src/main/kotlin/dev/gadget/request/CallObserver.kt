package dev.gadget.request

/**
 * Hears what happens to all calls of a client, for logs, statistics and tools:
 * [GadgetClient.Builder.observer].
 *
 * ```
 * GadgetClient(config) {
 *   observer = CallObserver { event -> statistics.add(event) }
 * }
 * ```
 *
 * Each call has its steps in this order: [CallStep.Start]; [CallStep.Queued], if it has to wait;
 * [CallStep.Dispatched]; for each request that is sent [CallStep.Connection], [CallStep.Request]
 * and [CallStep.Head], with [CallStep.Retry] or [CallStep.Redirect] before the next one;
 * [CallStep.End], exactly once, also if the call is refused or aborted.
 *
 * Events come one at a time and in their order, on threads of the engine that may wait, never on
 * [GadgetClient.Builder.callbackExecutor]. A slow observer delays no call; if 4 MiB of events wait
 * for it, later ones are lost, and the next one says how many ([CallEvent.dropped]). It may use the
 * client. What it throws goes to the thread's uncaught exception handler, and the next event comes
 * all the same.
 */
public fun interface CallObserver {
  /** Something has happened to a call of the client. */
  public fun onEvent(event: CallEvent)
}
