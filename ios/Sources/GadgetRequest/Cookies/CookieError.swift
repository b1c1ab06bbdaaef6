public import Foundation

/// Cookies that cannot be.
public struct CookieError: Error, Sendable, Equatable {
  /// A sentence that names the member: `domain: a public suffix`.
  public let reason: String
}

extension CookieError: CustomStringConvertible, LocalizedError {
  /// The reason, for logs: it holds nothing of the cookies.
  public var description: String {
    reason
  }

  /// The same, for `localizedDescription`; it is not translated.
  public var errorDescription: String? {
    reason
  }
}
