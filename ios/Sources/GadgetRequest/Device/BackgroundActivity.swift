import Foundation

/// Work that goes on for a short time when the app has left the foreground.
enum BackgroundActivity {
  /// Saves the cookies of a client on another thread. A failure is the engine's to repeat.
  static func saveCookies(of client: GadgetClient) {
    let cookies = client.cookies
    perform("save cookies") { try? cookies.save() }
  }

  /// Performs work on another thread, with the time that the system gives to an app, or to an app
  /// extension, in the background.
  private static func perform(_ reason: String, _ work: @escaping @Sendable () -> Void) {
    #if canImport(Darwin) && !os(macOS)
      ProcessInfo.processInfo.performExpiringActivity(withReason: reason) { isExpired in
        if !isExpired { work() }
      }
    #else
      DispatchQueue.global(qos: .utility).async(execute: work)
    #endif
  }
}
