internal import GadgetRequestGenerated

/// What tells the changes of a jar, as long as it lives and is not cancelled.
public final class CookieListener: Sendable {
  private let observer: ClosureObserver
  private let listener: GadgetRequestGenerated.CookieListener

  init(_ client: Client, _ closure: @escaping @Sendable (CookieChange) -> Void) {
    observer = ClosureObserver(closure)
    listener = client.onCookieChange(observer: observer)
  }

  deinit {
    cancel()
  }

  /// Tells no more changes; the closure is let go of.
  ///
  /// Any number of times, from any thread and from within the closure. A change that another thread
  /// is telling meanwhile may still arrive.
  public func cancel() {
    observer.stop()
  }
}
