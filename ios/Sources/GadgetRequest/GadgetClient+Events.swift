public import Foundation

extension GadgetClient {
  /// Starts a call whose response is reported while the call runs.
  ///
  /// The closures run one at a time, in the order of the events, and before the completion. After
  /// ``RequestTask/abort()`` or a failure none of the first two begins, not even for an event that
  /// was on its way.
  ///
  /// - Parameters:
  ///   - options: The options, which the engine checks.
  ///   - executor: Where the closures run.
  ///   - onHeadersReceived: Gets the head of the last response, once.
  ///   - onChunkReceived: Gets the pieces of the body, decoded from their codings and never empty,
  ///     if ``RequestOptions/enablesChunked`` is true. The next piece waits until it returns;
  ///     meanwhile the engine reads less than 1 MiB ahead, and then slows the server down. The
  ///     timeout of the call goes on.
  ///   - completion: Gets the outcome, exactly once.
  /// - Returns: The task of the call. If you release it, the call continues.
  @discardableResult
  public func request(
    _ options: RequestOptions,
    on executor: CompletionExecutor,
    onHeadersReceived: (@Sendable (ResponseHead) -> Void)? = nil,
    onChunkReceived: (@Sendable (Data) -> Void)? = nil,
    completion: @escaping @Sendable (Result<Response, GadgetError>) -> Void
  ) -> RequestTask {
    let relay = EventRelay(executor, onHeadersReceived, onChunkReceived)
    return relay.begin(
      start(options, relay) { result in
        relay.complete(isSuccess: result.error == nil) { completion(result) }
      })
  }

  /// Starts a call of a JavaScript engine whose mini program hears of the response while the call
  /// runs.
  ///
  /// The closures run as those of
  /// ``request(_:on:onHeadersReceived:onChunkReceived:completion:)``.
  ///
  /// - Parameters:
  ///   - optionsJSON: The options object, as `JSON.stringify` returns it.
  ///   - body: The bytes of `data` if it is an ArrayBuffer, also if it is empty; otherwise `nil`.
  ///   - executor: Where the closures run.
  ///   - onHeadersReceived: Gets the head, once; ``ResponseHead/json`` is the listeners' argument.
  ///   - onChunkReceived: Gets the pieces of the body, if `enableChunked` is true.
  ///   - completion: Gets the result object, exactly once.
  /// - Returns: The task of the call. If you release it, the call continues.
  @discardableResult
  public func invoke(
    optionsJSON: String,
    body: Data? = nil,
    on executor: CompletionExecutor,
    onHeadersReceived: (@Sendable (ResponseHead) -> Void)? = nil,
    onChunkReceived: (@Sendable (Data) -> Void)? = nil,
    completion: @escaping @Sendable (InvokeResult) -> Void
  ) -> RequestTask {
    let relay = EventRelay(executor, onHeadersReceived, onChunkReceived)
    return relay.begin(
      start(optionsJSON: optionsJSON, body: body, relay) { result in
        relay.complete(isSuccess: result.isSuccess) { completion(result) }
      })
  }
}

extension Result {
  fileprivate var error: Failure? {
    guard case .failure(let error) = self else { return nil }
    return error
  }
}
