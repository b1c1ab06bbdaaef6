internal import GadgetRequestGenerated

/// Passes the changes of a jar to a closure.
final class ClosureObserver: CookieObserver {
  private let closure: @Sendable (CookieChange) -> Void

  init(_ closure: @escaping @Sendable (CookieChange) -> Void) {
    self.closure = closure
  }

  func changed(change: GadgetRequestGenerated.CookieChange) {
    closure(CookieChange(change))
  }
}
