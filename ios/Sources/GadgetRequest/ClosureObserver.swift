import Foundation
internal import GadgetRequestGenerated

/// Hands the changes of a jar to a closure, until it is stopped.
///
/// `@unchecked`: the lock guards all that changes.
final class ClosureObserver: CookieObserver, @unchecked Sendable {
  private let lock = NSLock()
  private var closure: (@Sendable (CookieChange) -> Void)?

  init(_ closure: @escaping @Sendable (CookieChange) -> Void) {
    self.closure = closure
  }

  func changed(change: GadgetRequestGenerated.CookieChange) {
    let closure = lock.withLock { self.closure }
    closure?(CookieChange(change))
  }

  /// Lets go of the closure, outside of the lock: what it holds may do anything when it goes.
  func stop() {
    let closure = lock.withLock {
      defer { self.closure = nil }
      return self.closure
    }
    withExtendedLifetime(closure) {}
  }
}
