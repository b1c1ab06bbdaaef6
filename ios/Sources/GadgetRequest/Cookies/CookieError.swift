public import Foundation

/// A cookie that is not valid: ``CookieJar/set(_:)`` and ``CookieJar/importJSON(_:)`` throw it.
public struct CookieError: Error, Sendable, Equatable {
  /// A sentence that names the member: `domain: a public suffix`.
  public let reason: String
}

extension CookieError: CustomStringConvertible, LocalizedError {
  /// The reason, for logs; it contains nothing of the cookies.
  public var description: String {
    reason
  }

  /// The reason for `localizedDescription`, not translated.
  public var errorDescription: String? {
    reason
  }
}
