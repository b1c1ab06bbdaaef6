public import Foundation

/// Where a client's cookies are kept between two runs: the keychain, or what else the host has
/// instead of a file.
///
/// What is kept is a few KiB mostly and 64 MiB at most. It shows any damage by itself. It holds the
/// cookies as they are, logins too, those of the session apart: whoever has it is logged in where
/// the mini program's user is.
///
/// All is called on threads of the engine and on those that ask ``GadgetClient/cookies`` or save
/// them, and may block. No two loads and no two saves happen at once. It must use
/// neither the client nor its cookies, which wait for it.
///
/// ```swift
/// struct KeychainCookies: CookieStorage {
///   let item: KeychainItem
///
///   func load() throws -> Data? { try item.read() }
///   func save(_ data: Data) throws { try item.write(data) }
/// }
/// ```
public protocol CookieStorage: Sendable {
  /// What was saved last, whole; it is asked for when cookies are first needed, and no more once it
  /// is there.
  ///
  /// - Returns: The bytes as they were saved; `nil` where nothing ever was.
  /// - Throws: Any error, where there may be something that cannot be had just now, as while the
  ///   device is locked. The client goes on without it, asks again when the host asks the jar or
  ///   calls need it (for those once a second at most), and saves nothing until it has it; what was
  ///   set meanwhile wins over it.
  func load() throws -> Data?

  /// Puts this in the place of what was saved before.
  ///
  /// A process that ends halfway leaves the one or the other: pieces of both are damage, and no
  /// cookie comes back.
  ///
  /// - Parameter data: What ``load()`` is to return in the next run.
  /// - Throws: Any error, where this may not be there later. The cookies are saved again, first
  ///   after seconds, later after a minute, at ``CookieJar/save()`` and soon after the client ends.
  func save(_ data: Data) throws

  /// Tells that what was loaded is damaged: from now on there is nothing, until the next save.
  ///
  /// It may be kept elsewhere for somebody to look at. By default nothing is done.
  func setAside()
}

extension CookieStorage {
  /// Does nothing: the next save takes the place of what is damaged.
  public func setAside() {}
}
