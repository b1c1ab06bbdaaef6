public import Foundation

extension GadgetClient {
  /// Makes a call of a JavaScript engine and waits for its result object.
  ///
  /// If the Swift task is cancelled, the call is aborted; the result is then the `fail` object with
  /// errno 301.
  ///
  /// - Parameters:
  ///   - optionsJSON: The options object, as `JSON.stringify` returns it.
  ///   - body: The bytes of `data` if it is an ArrayBuffer, also if it is empty; otherwise `nil`.
  /// - Returns: The argument of `success` or of `fail`. This method never throws.
  public func invoke(optionsJSON: String, body: Data? = nil) async -> InvokeResult {
    let cancellation = Cancellation()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let task = invoke(optionsJSON: optionsJSON, body: body, on: .engineThreads) { result in
          continuation.resume(returning: result)
        }
        cancellation.applies(to: task)
      }
    } onCancel: {
      cancellation.cancel()
    }
  }

  /// Starts a call of a JavaScript engine that runs on the main thread.
  ///
  /// - Parameters:
  ///   - optionsJSON: The options object, as `JSON.stringify` returns it.
  ///   - body: The bytes of `data` if it is an ArrayBuffer, also if it is empty; otherwise `nil`.
  ///   - completion: Gets the result object, exactly once, on the main actor, later than this
  ///     method returns.
  /// - Returns: The task of the call. If you release it, the call continues.
  @discardableResult
  public func invoke(
    optionsJSON: String,
    body: Data? = nil,
    completion: @escaping @MainActor @Sendable (InvokeResult) -> Void
  ) -> RequestTask {
    invoke(optionsJSON: optionsJSON, body: body, on: .main) { result in
      MainActor.assumeIsolated { completion(result) }
    }
  }

  /// Starts a call of a JavaScript engine that runs on a queue, or anywhere else.
  ///
  /// - Parameters:
  ///   - optionsJSON: The options object, as `JSON.stringify` returns it.
  ///   - body: The bytes of `data` if it is an ArrayBuffer, also if it is empty; otherwise `nil`.
  ///   - executor: Where the completion runs.
  ///   - completion: Gets the result object, exactly once; maybe before this method returns, but
  ///     never within it.
  /// - Returns: The task of the call. If you release it, the call continues.
  @discardableResult
  public func invoke(
    optionsJSON: String,
    body: Data? = nil,
    on executor: CompletionExecutor,
    completion: @escaping @Sendable (InvokeResult) -> Void
  ) -> RequestTask {
    start(optionsJSON: optionsJSON, body: body) { result in
      executor.run { completion(result) }
    }
  }

  /// Starts a call of a JavaScript engine that an actor of the host app owns.
  ///
  /// - Parameters:
  ///   - optionsJSON: The options object, as `JSON.stringify` returns it.
  ///   - body: The bytes of `data` if it is an ArrayBuffer, also if it is empty; otherwise `nil`.
  ///   - actor: The actor. It is kept until the completion has run.
  ///   - completion: Gets the actor and the result object, exactly once; maybe before this method
  ///     returns, if that does not run on the actor. The results of two calls may come in another
  ///     order than their calls ended.
  /// - Returns: The task of the call. If you release it, the call continues.
  @discardableResult
  public func invoke<Host: Actor>(
    optionsJSON: String,
    body: Data? = nil,
    on actor: Host,
    completion: @escaping @Sendable (isolated Host, InvokeResult) -> Void
  ) -> RequestTask {
    start(optionsJSON: optionsJSON, body: body) { result in
      actor.enqueue { completion($0, result) }
    }
  }
}
