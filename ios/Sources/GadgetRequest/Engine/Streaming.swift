import Foundation
internal import GadgetRequestGenerated

/// The way of one response from the engine's threads to the Swift task that reads it.
///
/// `@unchecked`: the lock guards the mutable properties.
final class Streaming: Events, @unchecked Sendable {
  private let lock = NSLock()
  private var head: Result<ResponseHead, any Error>?
  private var headWaiter: CheckedContinuation<ResponseHead, any Error>?
  private var chunkWaiters: [CheckedContinuation<Data?, any Error>] = []
  /// One at a time: the next one comes when it was read.
  private var chunk: Data?
  /// Whether the engine waits until the chunk that was read is done with.
  private var isResumeDue = false
  private var outcome: Result<Response, GadgetError>?
  private var task: RequestTask?

  /// The profile of a call that has succeeded.
  var timing: Timing? {
    try? lock.withLock { outcome }?.get().timing
  }

  /// Passes the head, or why there is none.
  func tellHead(to waiter: CheckedContinuation<ResponseHead, any Error>) {
    let head = lock.withLock {
      headWaiter = waiter
      return self.head
    }
    if let head { tell(head) }
  }

  /// Sets the task of the call, which was just started.
  func begin(_ task: RequestTask) {
    lock.withLock { self.task = task }
  }

  func receivedHeaders(status: UInt16, parts: UInt64, count: UInt64) {
    let head = ResponseHead(status: Int(status), Parts(parts, count))
    tell(.success(head))
  }

  func receivedChunk(address: UInt64, length: UInt64) {
    let chunk = Data(address, length)
    let waiter: CheckedContinuation<Data?, any Error>? = lock.withLock {
      guard !chunkWaiters.isEmpty else {
        self.chunk = chunk
        return nil
      }
      isResumeDue = true
      return chunkWaiters.removeFirst()
    }
    waiter?.resume(returning: chunk)
  }

  /// The call has ended.
  func complete(_ outcome: Result<Response, GadgetError>) {
    let waiters = lock.withLock {
      self.outcome = outcome
      chunk = nil
      defer { chunkWaiters = [] }
      return chunkWaiters
    }
    for waiter in waiters { waiter.resume(with: outcome.end) }
    if case .failure(let error) = outcome { tell(.failure(error.inAwaitedCall)) }
  }

  /// Whoever read a chunk is done with it.
  func wantsNext() {
    let task = lock.withLock {
      defer { isResumeDue = false }
      return isResumeDue ? self.task : nil
    }
    task?.resume()
  }

  /// Passes the next chunk, or `nil` at the end of the body.
  func tellChunk(to waiter: CheckedContinuation<Data?, any Error>) {
    let result: Result<Data?, any Error>? = lock.withLock {
      if let outcome { return outcome.end }
      guard let chunk else {
        chunkWaiters.append(waiter)
        return nil
      }
      self.chunk = nil
      isResumeDue = true
      return .success(chunk)
    }
    if let result { waiter.resume(with: result) }
  }

  /// Tells whoever waits for the head, now or later.
  private func tell(_ head: Result<ResponseHead, any Error>) {
    let waiter = lock.withLock {
      self.head = self.head ?? head
      defer { headWaiter = nil }
      return headWaiter
    }
    waiter?.resume(with: head)
  }
}

extension Result<Response, GadgetError> {
  /// What a reader of the body gets when it is over.
  fileprivate var end: Result<Data?, any Error> {
    map { _ in Data?.none }.mapError { $0 as any Error }
  }
}

/// A call whose body somebody can still read; when nobody can, it is aborted.
///
/// `@unchecked`: the lock guards the mutable property.
final class OpenStream: @unchecked Sendable {
  let streaming: Streaming
  let task: RequestTask
  /// It lives as long as the call is awaited.
  private let client: GadgetClient
  private let lock = NSLock()
  private weak var current: Reading?

  init(_ streaming: Streaming, _ task: RequestTask, client: GadgetClient) {
    (self.streaming, self.task, self.client) = (streaming, task, client)
  }

  deinit {
    task.abort()
  }

  /// The reading that all iterators share.
  func reading() -> Reading {
    lock.withLock {
      if let current { return current }
      let reading = Reading(self)
      current = reading
      return reading
    }
  }
}

/// Reads a body, and aborts its call when it is released.
final class Reading: Sendable {
  private let stream: OpenStream

  init(_ stream: OpenStream) {
    self.stream = stream
  }

  deinit {
    stream.task.abort()
  }

  /// Waits for the next piece; returns `nil` at the end.
  func next() async throws -> Data? {
    let (streaming, task) = (stream.streaming, stream.task)
    streaming.wantsNext()
    do {
      return try await withTaskCancellationHandler {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { streaming.tellChunk(to: $0) }
      } onCancel: {
        task.abort()
      }
    } catch let error as GadgetError {
      // Whoever reads a body that was left aborts it, too.
      throw Task.isCancelled ? error.inAwaitedCall : error as any Error
    }
  }
}
