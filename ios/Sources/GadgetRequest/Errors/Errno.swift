/// A group of errors, with the number that a mini program sees in `errno`.
///
/// See `docs/contract.md#fail`.
public struct Errno: RawRepresentable, Sendable, Hashable {
  /// The number.
  public let rawValue: Int

  /// Creates the group with this number, even if no error has it.
  public init(rawValue: Int) {
    self.rawValue = rawValue
  }

  /// The engine has a bug, or the process can start no thread.
  public static let internalError = Errno(rawValue: 102)
  /// The host app does not offer the API: to a page that `GadgetBridge` refuses.
  public static let notSupported = Errno(rawValue: 103)
  /// An option is not valid. Nothing was sent.
  public static let invalidParameter = Errno(rawValue: 104)
  /// The settings of the host app do not allow the call.
  public static let prohibited = Errno(rawValue: 110)
  /// The queue is full.
  public static let tooManyCalls = Errno(rawValue: 111)
  /// The host app is in the background, and the grace period has ended.
  public static let inBackground = Errno(rawValue: 112)
  /// The call was aborted, or its client was shut down.
  public static let cancelled = Errno(rawValue: 301)
  /// The call, its connection or its wait in the queue took too long.
  public static let timedOut = Errno(rawValue: 302)
  /// The host app has reported that the device is offline.
  public static let noNetwork = Errno(rawValue: 303)
  /// The network stack cannot be set up.
  public static let networkSDK = Errno(rawValue: 304)
  /// The network, the server or the proxy failed.
  public static let networkFailure = Errno(rawValue: 305)
  /// The network stack refuses the request.
  public static let networkSDKParameter = Errno(rawValue: 307)
}

extension Errno: CustomStringConvertible {
  /// The number as text.
  public var description: String {
    String(rawValue)
  }
}
