public import Foundation

/// Cookies that cannot be saved: ``CookieJar/save()`` throws it.
///
/// It does not contain the error of the ``CookieStorage``, which may reveal cookies.
public struct CookieStorageError: Error, Sendable, Equatable {}

extension CookieStorageError: CustomStringConvertible, LocalizedError {
  /// A sentence for logs.
  public var description: String {
    "the cookies could not be saved"
  }

  /// The same sentence for `localizedDescription`, not translated.
  public var errorDescription: String? {
    description
  }
}
