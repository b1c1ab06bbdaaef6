import Foundation

/// Brings a Swift task's cancellation to the call that it waits for, whichever of the two is first.
///
/// `@unchecked`: the lock guards all that changes.
final class Cancellation: @unchecked Sendable {
  private let lock = NSLock()
  private var isCancelled = false
  private var task: RequestTask?

  /// Names the call; it is aborted at once where the cancellation came before.
  func applies(to task: RequestTask) {
    let isTooLate = lock.withLock {
      self.task = task
      return isCancelled
    }
    if isTooLate { task.abort() }
  }

  /// Aborts the call, now or as soon as it is there.
  func cancel() {
    let task = lock.withLock {
      isCancelled = true
      return self.task
    }
    task?.abort()
  }
}
