extension GadgetClient {
  /// Makes a call and returns its response as soon as its head is there; the body is read while it
  /// arrives.
  ///
  /// ```swift
  /// let response = try await client.stream(RequestOptions(url))
  /// for try await chunk in response.body { try file.write(contentsOf: chunk) }
  /// ```
  ///
  /// Any HTTP status is a response. If the Swift task is cancelled, the call is aborted; before the
  /// call starts, nothing is sent. Read the body or release the response: until then the call holds
  /// its place. The size of the body has the limit ``ClientConfiguration/maxStreamedBytes``.
  ///
  /// - Parameter options: The options, which the engine checks;
  ///   ``RequestOptions/enablesChunked`` is set.
  /// - Returns: The response with its head. Reading its body throws if the call fails later.
  /// - Throws: `CancellationError` if the task was cancelled; otherwise ``GadgetError``, with errno
  ///   104 for options that are not valid.
  public func stream(_ options: RequestOptions) async throws -> StreamedResponse {
    var options = options
    options.enablesChunked = true
    let (chunked, cancellation, streaming) = (options, Cancellation(), Streaming())
    return try await withTaskCancellationHandler {
      try Task.checkCancellation()
      let task = start(chunked, streaming) { streaming.complete($0) }
      streaming.begin(task)
      cancellation.applies(to: task)
      let stream = OpenStream(streaming, task, client: self)
      let head = try await withCheckedThrowingContinuation { streaming.tellHead(to: $0) }
      return StreamedResponse(head, stream)
    } onCancel: {
      cancellation.cancel()
    }
  }
}
