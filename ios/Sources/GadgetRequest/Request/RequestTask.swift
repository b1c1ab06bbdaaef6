internal import GadgetRequestGenerated

/// A call that was started; it can abort the call.
///
/// If you release it, the call continues.
public final class RequestTask: Sendable {
  private let task: EngineTask

  init(_ task: EngineTask) {
    self.task = task
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
    task.abort()
  }
}
