public import Foundation

/// A response whose body is read while it arrives: see ``GadgetClient/stream(_:)``.
///
/// The call lasts as long as something holds this value, its ``body`` or an iterator of it; then it
/// is aborted, unless it has ended. Its client lives as long.
public struct StreamedResponse: Sendable {
  /// The status and the headers.
  public let head: ResponseHead

  /// The pieces of the body, while they arrive.
  public let body: Body

  init(_ head: ResponseHead, _ stream: OpenStream) {
    self.head = head
    body = Body(stream: stream)
  }

  /// The HTTP status, 100 to 999.
  public var status: Int {
    head.status
  }

  /// The id of the call, which the server got as `x-request-id`.
  public var trace: String {
    body.stream.task.trace
  }

  /// When the phases of the call began and ended, and what went over the wire; `nil` until the body
  /// was read to its end.
  public var timing: Timing? {
    body.stream.streaming.timing
  }

  /// The pieces of a body, decoded from their codings, in their order; none is empty.
  ///
  /// ```swift
  /// for try await chunk in response.body { try file.write(contentsOf: chunk) }
  /// ```
  ///
  /// A loop that takes its time slows the server down: while it has a piece, the engine reads less
  /// than 1 MiB ahead. No thread waits meanwhile, but the timeout of the call goes on.
  ///
  /// The body can be read once. When its iterator is released before the end, as by `break`, the
  /// call is aborted. Iterators that live at the same time share the pieces.
  public struct Body: AsyncSequence, Sendable {
    /// A piece of the body.
    public typealias Element = Data

    let stream: OpenStream

    /// Creates the iterator of the body.
    public func makeAsyncIterator() -> AsyncIterator {
      AsyncIterator(reading: stream.reading())
    }

    /// Waits for the pieces of a body.
    public struct AsyncIterator: AsyncIteratorProtocol {
      let reading: Reading

      /// Waits for the next piece. If the Swift task is cancelled, the call is aborted.
      ///
      /// - Returns: The piece; `nil` at the end of the body.
      /// - Throws: `CancellationError` if the task was cancelled; otherwise ``GadgetError`` if the
      ///   call failed before the end of the body.
      public mutating func next() async throws -> Data? {
        try await reading.next()
      }
    }
  }
}
