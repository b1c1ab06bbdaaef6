public import Dispatch

/// Where the completions of calls run, if it is not the main actor.
///
/// ```swift
/// client.invoke(optionsJSON: json, on: .queue(javaScriptQueue)) { result in
///   context.settle(result)
/// }
/// ```
public struct CompletionExecutor: Sendable {
  /// `nil`: the engine's threads.
  private let queue: DispatchQueue?

  /// Runs completions on a queue of the host app, in the order in which the queue gets them.
  ///
  /// A queue that is suspended keeps them until it is resumed: no completion is lost.
  public static func queue(_ queue: DispatchQueue) -> CompletionExecutor {
    CompletionExecutor(queue: queue)
  }

  /// Runs completions on the engine's threads: the shortest way, for a host app that hands over to
  /// a thread or a run loop of its own.
  ///
  /// There are two such threads for all clients. A completion must not block there; one that takes
  /// over 100 ms is logged.
  public static let engineThreads = CompletionExecutor(queue: nil)

  static let main = CompletionExecutor(queue: .main)

  /// Runs a completion, here or later.
  func run(_ completion: @escaping @Sendable () -> Void) {
    guard let queue else { return completion() }
    queue.async(execute: completion)
  }
}
