internal import GadgetRequestGenerated

/// A call under way.
///
/// Letting go of it leaves the call alone.
public final class RequestTask: Sendable {
  private let task: EngineTask

  init(_ task: EngineTask) {
    self.task = task
  }

  /// The call's id, 53 characters, the same in its outcome and in what the server was sent.
  public var trace: String {
    task.trace()
  }

  /// Ends the call with errno 301 `abort`, unless it has its outcome already.
  ///
  /// Any number of times, at any time, from any thread. The completion comes later, never from
  /// within. A call that waits in the queue has left it when this returns, and sends nothing. One in
  /// flight has given up its place; its connection is closed, or its stream reset, soon after.
  public func abort() {
    task.abort()
  }
}
