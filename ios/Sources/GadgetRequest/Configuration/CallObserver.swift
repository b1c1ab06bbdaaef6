/// Hears what happens to all calls of a client, for logs, statistics and tools.
///
/// ```swift
/// struct Statistics: CallObserver {
///   func onEvent(_ event: CallEvent) {
///     if case .end(let result, let timing) = event.step { add(result, timing) }
///   }
/// }
/// ```
///
/// Each call has its steps in this order: ``CallStep/start(method:url:)``;
/// ``CallStep/queued(ahead:)``, if it has to wait; ``CallStep/dispatched(inFlight:queued:)``; for
/// each request that is sent a connection, the request and a head, with a retry or a redirect
/// before the next one; ``CallStep/end(result:timing:)``, exactly once, also if the call is
/// refused or aborted.
public protocol CallObserver: Sendable {
  /// Something has happened to a call of the client.
  ///
  /// Events come one at a time and in their order, on threads of the engine that may wait. A slow
  /// observer delays no call; if 4 MiB of events wait for it, later ones are lost, and the next one
  /// says how many (``CallEvent/dropped``). An observer that holds its client keeps it alive.
  ///
  /// - Parameter event: What happened.
  func onEvent(_ event: CallEvent)
}
