import Foundation
internal import GadgetRequestGenerated

/// Hands the events of a call, and then its completion, to an executor: one after the other,
/// whatever the executor does with several.
///
/// `@unchecked`: the lock guards the mutable properties.
final class EventRelay: Events, @unchecked Sendable {
  private let executor: CompletionExecutor
  private let onHeaders: (@Sendable (ResponseHead) -> Void)?
  private let onChunk: (@Sendable (Data) -> Void)?
  private let lock = NSLock()
  private var waiting: [@Sendable () -> Void] = []
  private var isDelivering = false
  private var isOver = false
  private var task: RequestTask?
  private var isResumeDue = false

  init(
    _ executor: CompletionExecutor, _ onHeaders: (@Sendable (ResponseHead) -> Void)?,
    _ onChunk: (@Sendable (Data) -> Void)?
  ) {
    (self.executor, self.onHeaders, self.onChunk) = (executor, onHeaders, onChunk)
  }

  func receivedHeaders(status: UInt16, parts: UInt64, count: UInt64) {
    let head = ResponseHead(status: Int(status), Parts(parts, count))
    add { [self] in
      if !hasEnded { onHeaders?(head) }
    }
  }

  func receivedChunk(address: UInt64, length: UInt64) {
    let chunk = Data(address, length)
    add { [self] in
      if !hasEnded { onChunk?(chunk) }
      resume()
    }
  }

  /// Takes the task of the call, whose events may have come before. Returns the one for its caller.
  func begin(_ task: RequestTask) -> RequestTask {
    let isResumeDue = lock.withLock {
      self.task = task
      return self.isResumeDue
    }
    if isResumeDue { task.resume() }
    return task.ending(self)
  }

  /// The call has ended.
  func complete(isSuccess: Bool, _ completion: @escaping @Sendable () -> Void) {
    if !isSuccess { end() }
    add(completion)
  }

  /// No event begins any more.
  func end() {
    lock.withLock { isOver = true }
  }

  private var hasEnded: Bool {
    lock.withLock { isOver }
  }

  private func resume() {
    let task = lock.withLock {
      isResumeDue = self.task == nil
      return self.task
    }
    task?.resume()
  }

  private func add(_ delivery: @escaping @Sendable () -> Void) {
    let isFirst = lock.withLock {
      waiting.append(delivery)
      defer { isDelivering = true }
      return !isDelivering
    }
    if isFirst { executor.run { [self] in deliverNext() } }
  }

  private func deliverNext() {
    let delivery = lock.withLock { waiting.removeFirst() }
    delivery()
    let hasMore = lock.withLock {
      isDelivering = !waiting.isEmpty
      return isDelivering
    }
    if hasMore { executor.run { [self] in deliverNext() } }
  }
}
