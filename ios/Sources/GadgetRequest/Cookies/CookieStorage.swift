public import Foundation

/// Keeps a client's cookies between runs, in place of a file: in an encrypted one, for example.
///
/// For the keychain there is `KeychainCookies`.
///
/// The data is mostly a few KiB, at most 64 MiB. The engine detects any damage to it. It contains
/// the cookies in plain form, logins included, but no session cookies: whoever reads it is logged
/// in as the user of the mini program.
///
/// The engine calls the storage on its own threads and on threads that use
/// ``GadgetClient/cookies``. The methods may block. No two loads and no two saves run at the same
/// time. A storage must not use the client or its cookies, because these wait for it. See
/// `docs/contract.md#5-cookies`.
///
/// ```swift
/// struct EncryptedCookies: CookieStorage {
///   let file: EncryptedFile
///
///   func load() throws -> Data? { try file.read() }
///   func save(_ data: Data) throws { try file.write(data) }
/// }
/// ```
public protocol CookieStorage: Sendable {
  /// Returns the data that was saved last, complete.
  ///
  /// The engine calls it when cookies are first needed, and not again after it has returned.
  ///
  /// - Returns: The data as it was saved; `nil` if nothing was ever saved.
  /// - Throws: Any error if there may be data that cannot be read now, for example while the device
  ///   is locked. The client then works without it and saves nothing. The engine tries again when
  ///   the host app uses the jar, and for calls at most once a second. Cookies that are set in the
  ///   meantime win over the loaded ones.
  func load() throws -> Data?

  /// Replaces the data that was saved before.
  ///
  /// Write it atomically: if the process ends in the middle, ``load()`` must return the old or the
  /// new data. A mixture of both counts as damaged, and all cookies are lost.
  ///
  /// - Parameter data: The data that ``load()`` returns in the next run.
  /// - Throws: Any error if the data may be missing later. The engine tries again: after seconds at
  ///   first, later after a minute, at ``CookieJar/save()``, and soon after the client ends.
  func save(_ data: Data) throws

  /// Discards the loaded data, because it is damaged. Nothing is stored until the next save.
  ///
  /// A storage may keep the data elsewhere for analysis. The default does nothing.
  func setAside()
}

extension CookieStorage {
  /// Does nothing: the next save replaces the damaged data.
  public func setAside() {}
}
