import Foundation
internal import GadgetRequestGenerated

/// What tells the changes of a jar, as long as it lives and is not cancelled.
///
/// `@unchecked`: the lock guards all that changes.
public final class CookieListener: @unchecked Sendable {
  private let lock = NSLock()
  private var listener: GadgetRequestGenerated.CookieListener?

  init(_ client: Client, _ closure: @escaping @Sendable (CookieChange) -> Void) {
    listener = client.onCookieChange(observer: ClosureObserver(closure))
  }

  /// Tells no more changes; the closure is let go of.
  ///
  /// Any number of times, from any thread and from within the closure. A change that another thread
  /// is telling meanwhile may still arrive, and none behind it.
  public func cancel() {
    // It goes outside of the lock: what the closure holds may do anything when it goes with it.
    let listener = lock.withLock {
      defer { self.listener = nil }
      return self.listener
    }
    withExtendedLifetime(listener) {}
  }
}
