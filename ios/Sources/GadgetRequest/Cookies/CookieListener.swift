import Foundation
internal import GadgetRequestGenerated

/// Reports the changes of a jar until it is cancelled or released: ``CookieJar/onChange(_:)``.
///
/// It does not keep the client alive.
public final class CookieListener: @unchecked Sendable {
  // `@unchecked` above, because this lock guards the only mutable property.
  private let lock = NSLock()
  private var listener: GadgetRequestGenerated.CookieListener?

  init(_ client: Client, _ closure: @escaping @Sendable (CookieChange) -> Void) {
    listener = client.onCookieChange(observer: ClosureObserver(closure))
  }

  /// Stops the reports and releases the closure.
  ///
  /// Call it any number of times, from any thread, also within the closure. If another thread is
  /// reporting a change at this moment, that change may still arrive, but none after it.
  public func cancel() {
    // Release it outside of the lock: the deinitializers of what the closure holds run any code.
    let listener = lock.withLock {
      defer { self.listener = nil }
      return self.listener
    }
    withExtendedLifetime(listener) {}
  }
}
