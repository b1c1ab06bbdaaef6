extension GadgetClient {
  /// Makes a call and waits for its response.
  ///
  /// Any HTTP status is a response, 404 and 500 too. If the Swift task is cancelled, the call is
  /// aborted and its connection or stream is closed. If the task is cancelled before the call
  /// starts, nothing is sent.
  ///
  /// - Parameter options: The options, which the engine checks.
  /// - Returns: The response with its body decoded.
  /// - Throws: `CancellationError` if the task was cancelled before the call had its outcome;
  ///   otherwise ``GadgetError``, with errno 104 for options that are not valid.
  public func request(_ options: RequestOptions) async throws -> Response {
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
      try Task.checkCancellation()
      return try await withCheckedThrowingContinuation { continuation in
        let task = request(options, on: .engineThreads) { result in
          continuation.resume(with: result.mapError(\.inAwaitedCall))
        }
        cancellation.applies(to: task)
      }
    } onCancel: {
      cancellation.cancel()
    }
  }

  /// Starts a call; its completion runs on the main actor.
  ///
  /// ```swift
  /// client.request(RequestOptions(url)) { [label] result in
  ///   label.text = try? result.get().text
  /// }
  /// ```
  ///
  /// A main thread that waits for the completion waits for ever.
  ///
  /// - Parameters:
  ///   - options: The options, which the engine checks.
  ///   - completion: Gets the outcome, exactly once, later than this method returns.
  /// - Returns: The task of the call. If you release it, the call continues.
  @discardableResult
  public func request(
    _ options: RequestOptions,
    completion: @escaping @MainActor @Sendable (Result<Response, GadgetError>) -> Void
  ) -> RequestTask {
    request(options, on: .main) { result in
      MainActor.assumeIsolated { completion(result) }
    }
  }

  /// Starts a call; its completion runs on a queue, or on a thread of the engine.
  ///
  /// - Parameters:
  ///   - options: The options, which the engine checks.
  ///   - executor: Where the completion runs.
  ///   - completion: Gets the outcome, exactly once. It never runs within this method or within
  ///     ``RequestTask/abort()``, but it may run before they return. It may start and abort calls
  ///     and shut the client down. See `docs/contract.md#callbacks-and-completions`.
  /// - Returns: The task of the call. If you release it, the call continues.
  @discardableResult
  public func request(
    _ options: RequestOptions,
    on executor: CompletionExecutor,
    completion: @escaping @Sendable (Result<Response, GadgetError>) -> Void
  ) -> RequestTask {
    start(options) { result in
      executor.run { completion(result) }
    }
  }

  /// Starts a call; its completion runs on an actor, which it gets.
  ///
  /// ```swift
  /// client.request(options, on: miniProgram) { miniProgram, result in
  ///   miniProgram.settle(result)
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - options: The options, which the engine checks.
  ///   - actor: The actor. It is kept until the completion has run.
  ///   - completion: Gets the actor and the outcome, exactly once. It may run before this method
  ///     returns, if that does not run on the actor. Completions of two calls may run in another
  ///     order than their calls ended.
  /// - Returns: The task of the call. If you release it, the call continues.
  @discardableResult
  public func request<Host: Actor>(
    _ options: RequestOptions,
    on actor: Host,
    completion: @escaping @Sendable (isolated Host, Result<Response, GadgetError>) -> Void
  ) -> RequestTask {
    start(options) { result in
      actor.enqueue { completion($0, result) }
    }
  }
}
