internal import GadgetRequestGenerated

/// The cookies of a client's mini program, for the host app: ``GadgetClient/cookies``.
///
/// The host app sees all cookies here. ``ClientConfiguration/cookiePolicy`` decides what the mini
/// program sees of them. Clients with the same ``ClientConfiguration/cookieDirectory`` and app id
/// share a jar. See `docs/contract.md#5-cookies`.
///
/// A `CookieJar` is a handle: copy it freely and use it from any thread. It keeps the cookies
/// alive, but not the client.
///
/// The first use of a jar loads the saved cookies. It blocks for as long as the folder or the
/// ``CookieStorage`` does. The engine saves changes half a second after they are made, and soon
/// after the client ends, on its own threads. ``save()`` saves them at once.
///
/// A web view beside the mini program has its own cookies: `WebViewCookies` keeps both the same.
public struct CookieJar: Sendable {
  private let client: Client

  init(_ client: Client) {
    self.client = client
  }

  /// Lists all cookies that have not expired, the oldest first.
  ///
  /// The first use of the jar may read the disk.
  public func list() -> [Cookie] {
    client.cookies(url: nil).map { Cookie($0) }
  }

  /// Lists the cookies that a request to a URL sends.
  ///
  /// - Parameter url: An absolute URL, `http` or `https`.
  /// - Returns: The cookies, in the order in which they are sent; empty if the URL is not valid.
  public func list(for url: String) -> [Cookie] {
    client.cookies(url: Limit.cut(url)).map { Cookie($0) }
  }

  /// Sets cookies. Each replaces the cookie with the same name, domain and path.
  ///
  /// A cookie that has expired is deleted instead.
  ///
  /// - Parameter cookies: Any number of cookies, 100 MiB at most.
  /// - Throws: ``CookieError`` if a cookie is not valid; no cookie is set then. The error names the
  ///   member, and with several cookies also the index: `[1].domain`.
  public func set(_ cookies: [Cookie]) throws {
    guard cookies.lazy.map(\.byteCount).reduce(0, +) <= Limit.bytes else {
      throw CookieError(reason: "cookies: over 100 MiB")
    }
    try checked { try client.setCookies(cookies: cookies.map { .init($0) }) }
  }

  /// Sets a cookie from a `Set-Cookie` line, as a response from a URL does.
  ///
  /// The jar ignores a line that such a response is not allowed to set.
  ///
  /// - Parameters:
  ///   - line: The line, such as `a=1; Path=/; Secure`.
  ///   - url: The URL of the response.
  /// - Returns: True if the jar has changed.
  @discardableResult
  public func setLine(_ line: String, for url: String) -> Bool {
    client.setCookieLine(url: Limit.cut(url), line: Limit.cut(line))
  }

  /// Deletes a cookie.
  ///
  /// - Parameters:
  ///   - name: The name of the cookie.
  ///   - domain: The domain in any spelling, with a dot before it if ``Cookie/domain`` has one.
  ///   - path: The path of the cookie.
  /// - Returns: True if the jar had this cookie.
  @discardableResult
  public func delete(name: String, domain: String, path: String = "/") -> Bool {
    client.deleteCookie(name: Limit.cut(name), domain: Limit.cut(domain), path: Limit.cut(path))
  }

  /// Deletes all cookies.
  public func clear() {
    client.clearCookies(domain: nil)
  }

  /// Deletes the cookies of a domain and of all its subdomains.
  ///
  /// - Parameter domain: The domain in any spelling, with or without a dot before it.
  public func clear(domain: String) {
    client.clearCookies(domain: Limit.cut(domain))
  }

  /// Exports all cookies, with their values, as a JSON array of objects.
  ///
  /// The members are `name`, `value`, `domain`, `path`, `expires` (milliseconds since 1970; absent
  /// for a session cookie), `secure`, `httpOnly` and `sameSite` (absent if the cookie has none).
  public func exportJSON() -> String {
    client.exportCookies()
  }

  /// Sets the cookies of a JSON array such as ``exportJSON()`` returns.
  ///
  /// - Parameter json: The array, 100 MiB at most. Each object needs `value` and `domain`.
  /// - Throws: ``CookieError`` if it is not such an array, or if a cookie is not valid; no cookie
  ///   is set then. The error names the place.
  public func importJSON(_ json: String) throws {
    guard json.utf8.count <= Limit.bytes else {
      throw CookieError(reason: "cookies: over 100 MiB")
    }
    try checked { try client.importCookies(json: json) }
  }

  /// Saves the changes now, on the calling thread.
  ///
  /// Does nothing if there is no change, or if the jar has neither a folder nor a storage.
  ///
  /// - Throws: ``CookieStorageError`` if the folder or the ``CookieStorage`` fails. The engine
  ///   keeps the changes and saves them later.
  public func save() throws {
    do {
      try client.saveCookies()
    } catch is StorageFailure {
      throw CookieStorageError()
    }
  }

  /// Reports every change of the jar, also the changes that the host app makes.
  ///
  /// - Parameter closure: Gets the changes in order, one at a time, after they are made, on the
  ///   thread that makes one of them. It must not block. It may read and change the jar; such a
  ///   change is reported after the changes before it. A cookie that expires is reported when the
  ///   engine notices it.
  /// - Returns: The listener. Releasing it is the same as ``CookieListener/cancel()``.
  public func onChange(
    _ closure: @escaping @Sendable (CookieChange) -> Void
  ) -> CookieListener {
    CookieListener(client, closure)
  }

  /// A stream of every change from now on. It buffers the changes until they are read.
  ///
  /// See ``onChange(_:)`` for the order. The stream does not end with the client: it ends when the
  /// task that reads it is cancelled, or when it is released.
  public var changes: AsyncStream<CookieChange> {
    AsyncStream { continuation in
      let listener = onChange { continuation.yield($0) }
      continuation.onTermination = { _ in listener.cancel() }
    }
  }

  private func checked(_ action: () throws -> Void) throws {
    do {
      try action()
    } catch CookieFailure.Invalid(let reason) {
      throw CookieError(reason: reason)
    }
  }
}
