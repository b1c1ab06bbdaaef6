public import Foundation

/// Cookies that could not be saved.
///
/// What the ``CookieStorage`` threw is not in it: that might tell of the cookies.
public struct CookieStorageError: Error, Sendable, Equatable {}

extension CookieStorageError: CustomStringConvertible, LocalizedError {
  /// A sentence for logs.
  public var description: String {
    "the cookies could not be saved"
  }

  /// The same, for `localizedDescription`; it is not translated.
  public var errorDescription: String? {
    description
  }
}
