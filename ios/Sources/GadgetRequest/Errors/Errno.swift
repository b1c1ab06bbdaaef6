/// A group of errors, by the number that a mini program sees in `errno`.
public struct Errno: RawRepresentable, Sendable, Hashable {
  /// The number.
  public let rawValue: Int

  /// The group of this number, whether there is one or not.
  public init(rawValue: Int) {
    self.rawValue = rawValue
  }

  /// A bug of ours.
  public static let internalError = Errno(rawValue: 102)
  /// The host does not offer what was asked for.
  public static let notSupported = Errno(rawValue: 103)
  /// Something in the options is wrong; nothing was sent.
  public static let invalidParameter = Errno(rawValue: 104)
  /// The host's policy forbids the call.
  public static let prohibited = Errno(rawValue: 110)
  /// Too many calls wait already.
  public static let tooManyCalls = Errno(rawValue: 111)
  /// The app is in the background.
  public static let inBackground = Errno(rawValue: 112)
  /// The call was aborted, or its client closed.
  public static let cancelled = Errno(rawValue: 301)
  /// The call took too long.
  public static let timedOut = Errno(rawValue: 302)
  /// The device has no network.
  public static let noNetwork = Errno(rawValue: 303)
  /// The network stack could not be set up.
  public static let networkSDK = Errno(rawValue: 304)
  /// The network, or the server, failed.
  public static let networkFailure = Errno(rawValue: 305)
  /// The network stack does not take the request.
  public static let networkSDKParameter = Errno(rawValue: 307)
}

extension Errno: CustomStringConvertible {
  /// The number as text.
  public var description: String {
    String(rawValue)
  }
}
