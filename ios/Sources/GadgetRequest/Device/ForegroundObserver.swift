#if canImport(UIKit) && !os(watchOS)
  import UIKit

  /// Tells clients whether the host app is in the foreground: ``GadgetClient/enterBackground()``
  /// and ``GadgetClient/enterForeground()``.
  ///
  /// ```swift
  /// let foreground = ForegroundObserver()  // One for the process.
  /// foreground.add(client)  // Each client.
  /// ```
  ///
  /// An app with several scenes is in the background when all of them are, with UIKit and with
  /// SwiftUI. Then the cookies of the clients are saved (``CookieJar/save()``), on another thread,
  /// and the system is asked for time to do so.
  ///
  /// It observes until it is released; then its clients are taken to be in the foreground. It does
  /// not keep them alive, and a released one need not be removed.
  public final class ForegroundObserver: @unchecked Sendable {
    // `@unchecked` above, because the tokens are not Sendable. Nothing changes them.
    private let tokens: [any NSObjectProtocol]
    private let clients: Observed

    /// Begins to observe. Create it at the start of the app, which counts as in the foreground.
    @MainActor
    public init() {
      let clients = Observed { client, isForeground in
        isForeground ? client.enterForeground() : client.enterBackground()
      }
      func observe(_ name: Notification.Name, _ action: @escaping @Sendable () -> Void)
        -> any NSObjectProtocol
      {
        NotificationCenter.default.addObserver(forName: name, object: nil, queue: nil) { _ in
          action()
        }
      }
      self.clients = clients
      tokens = [
        observe(UIApplication.didEnterBackgroundNotification) {
          clients.report(false, then: BackgroundActivity.saveCookies(of:))
        },
        observe(UIApplication.willEnterForegroundNotification) { clients.report(true) },
      ]
    }

    deinit {
      for token in tokens { NotificationCenter.default.removeObserver(token) }
      clients.report(true)
    }

    /// Tells a client where the app is, now and at each change.
    public func add(_ client: GadgetClient) {
      clients.add(client)
    }

    /// Tells a client nothing more. It is taken to be in the foreground.
    public func remove(_ client: GadgetClient) {
      clients.remove(client)
    }
  }
#endif
