internal import GadgetRequestGenerated

/// A call that was started; it can abort the call.
///
/// If you release it, the call continues.
public final class RequestTask: Sendable {
  private let task: EngineTask
  /// Gets no more events after an abort.
  private let relay: EventRelay?

  init(_ task: EngineTask, _ relay: EventRelay? = nil) {
    (self.task, self.relay) = (task, relay)
  }

  /// The id of the call, 53 characters: the same in its outcome and in the request to the server.
  ///
  /// See `docs/contract.md#6-trace`.
  public var trace: String {
    task.trace()
  }

  /// Aborts the call: it fails with errno 301 `abort`, unless it already has its outcome.
  ///
  /// Call it any number of times, at any time, from any thread. The completion never runs within
  /// this method. When it returns, a queued call has left the queue and sends nothing. A call in
  /// flight has given up its place; its connection is closed, or its stream reset, soon after. See
  /// `docs/contract.md#8-abort`.
  public func abort() {
    relay?.end()
    task.abort()
  }

  /// Lets the next event come, after a chunk.
  func resume() {
    task.resume()
  }

  /// The same task, whose abort ends the events of a relay.
  func ending(_ relay: EventRelay) -> RequestTask {
    RequestTask(task, relay)
  }
}
