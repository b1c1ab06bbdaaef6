import Foundation

/// Aborts a call when the Swift task that awaits it is cancelled, whichever of the two comes first.
///
/// `@unchecked`: the lock guards the mutable properties.
final class Cancellation: @unchecked Sendable {
  private let lock = NSLock()
  private var isCancelled = false
  private var task: RequestTask?

  /// Sets the call. If the cancellation came before it, aborts it at once.
  func applies(to task: RequestTask) {
    let isTooLate = lock.withLock {
      self.task = task
      return isCancelled
    }
    if isTooLate { task.abort() }
  }

  /// Aborts the call, now or as soon as it is set.
  func cancel() {
    let task = lock.withLock {
      isCancelled = true
      return self.task
    }
    task?.abort()
  }
}
