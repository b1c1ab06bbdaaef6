internal import GadgetRequestGenerated

/// The cookies of a client's mini program, as the host app sees them: ``GadgetClient/cookies``.
///
/// What a mini program may see of them is ``ClientConfiguration/cookiePolicy``; here is all.
/// Clients with the same ``ClientConfiguration/cookieDirectory`` and app id share a jar. It is a
/// handle: copy it freely, use it from any thread. It keeps the cookies, and not the client.
///
/// The first look at a jar loads what was kept, which blocks as the folder or ``CookieStorage``
/// does. Changes are saved by the engine half a second after they are made, and soon after the
/// client ends, on threads of its own; ``save()`` does it at once.
///
/// A web view beside the mini program has cookies of its own. Where both are to be logged in, the
/// jar is followed for as long as the view lives:
///
/// ```swift
/// @MainActor
/// func follow(_ jar: CookieJar, into store: WKHTTPCookieStore) async {
///   let changes = jar.changes  // Asked for first: then none is missed.
///   for cookie in jar.all.compactMap(\.httpCookie) { await store.setCookie(cookie) }
///   for await change in changes {
///     switch change {
///     case .set(let cookie):
///       if let cookie = cookie.httpCookie { await store.setCookie(cookie) }
///     case .removed(let cookie):
///       if let cookie = cookie.httpCookie { await store.deleteCookie(cookie) }
///     }
///   }
/// }
/// ```
///
/// And the way back, in a `WKHTTPCookieStoreObserver`. Neither goes on for ever: what is there
/// already is no change. What a page deletes, the store does not tell; and what is removed here
/// while the store is being read comes back from there, so a logout removes it from both.
///
/// ```swift
/// func cookiesDidChange(in store: WKHTTPCookieStore) {
///   store.getAllCookies { [jar] cookies in
///     // Each by itself: one may be refused.
///     for cookie in cookies { try? jar.set([Cookie(cookie)]) }
///   }
/// }
/// ```
public struct CookieJar: Sendable {
  private let client: Client

  init(_ client: Client) {
    self.client = client
  }

  /// All cookies that are not over, the oldest first.
  public var all: [Cookie] {
    client.cookies(url: nil).map { Cookie($0) }
  }

  /// The cookies that a request to a URL takes along.
  ///
  /// - Parameter url: An absolute URL, `http` or `https`.
  /// - Returns: The cookies, in the order in which they are sent; none where it is no URL.
  public func cookies(for url: String) -> [Cookie] {
    client.cookies(url: Limit.cut(url)).map { Cookie($0) }
  }

  /// Sets cookies, each in the place of the one with its name, domain and path.
  ///
  /// One that is over is removed.
  ///
  /// - Parameter cookies: The cookies, in any number.
  /// - Throws: ``CookieError``, which names the member, of several with its place (`[1].domain`),
  ///   where one of them cannot be: then none is set.
  public func set(_ cookies: [Cookie]) throws {
    guard cookies.lazy.map(\.byteCount).reduce(0, +) <= Limit.bytes else {
      throw CookieError(reason: "cookies: over 100 MiB")
    }
    try checked { try client.setCookies(cookies: cookies.map { .init($0) }) }
  }

  /// Takes a `Set-Cookie` line as if a response from a URL had set it.
  ///
  /// What such a response may not set is not taken.
  ///
  /// - Parameters:
  ///   - line: The line, such as `a=1; Path=/; Secure`.
  ///   - url: The URL of the response.
  /// - Returns: Whether the jar has changed.
  @discardableResult
  public func setLine(_ line: String, for url: String) -> Bool {
    client.setCookieLine(url: Limit.cut(url), line: Limit.cut(line))
  }

  /// Deletes a cookie.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - domain: Its domain in any spelling, with a dot before it where ``Cookie/domain`` has one.
  ///   - path: Its path.
  /// - Returns: Whether there was one.
  @discardableResult
  public func delete(name: String, domain: String, path: String = "/") -> Bool {
    client.deleteCookie(name: Limit.cut(name), domain: Limit.cut(domain), path: Limit.cut(path))
  }

  /// Removes all cookies.
  public func removeAll() {
    client.clearCookies(domain: nil)
  }

  /// Removes the cookies of a domain and of all that is below it.
  ///
  /// - Parameter domain: The domain in any spelling, with a dot before it or without.
  public func removeAll(inDomain domain: String) {
    client.clearCookies(domain: Limit.cut(domain))
  }

  /// All cookies as a JSON array of objects, with their values.
  ///
  /// Its members are `name`, `value`, `domain`, `path`, `expires` (milliseconds since 1970; absent
  /// for a session's), `secure`, `httpOnly` and `sameSite` (absent where nothing is said).
  public func exportJSON() -> String {
    client.exportCookies()
  }

  /// Sets the cookies of a JSON array such as ``exportJSON()`` makes.
  ///
  /// - Parameter json: The array; `path` and the members of an attribute may be absent in it.
  /// - Throws: ``CookieError``, which says where, if it is no such array or one of its cookies
  ///   cannot be: then none is set.
  public func importJSON(_ json: String) throws {
    guard json.utf8.count <= Limit.bytes else {
      throw CookieError(reason: "cookies: over 100 MiB")
    }
    try checked { try client.importCookies(json: json) }
  }

  /// Saves what has changed, now and on this thread; nothing where cookies are not kept.
  ///
  /// - Throws: ``CookieStorageError``, where the folder or ``CookieStorage`` could not; what has
  ///   changed stays to be saved.
  public func save() throws {
    do {
      try client.saveCookies()
    } catch is StorageFailure {
      throw CookieStorageError()
    }
  }

  /// Tells every change, those that the host makes too.
  ///
  /// - Parameter closure: Gets the changes in their order, one at a time, on a thread that makes
  ///   one, after it. It must not block. It may look at the jar and change it, which is told behind
  ///   what is still to be told. A cookie whose time is over is told when the engine comes upon it.
  /// - Returns: What tells them; letting go of it is ``CookieListener/cancel()``.
  public func onChange(
    _ closure: @escaping @Sendable (CookieChange) -> Void
  ) -> CookieListener {
    CookieListener(client, closure)
  }

  /// Every change from now on, as ``onChange(_:)`` tells them, kept until it is read.
  ///
  /// It has no end of its own, not with the client either: it ends when the task that reads it is
  /// cancelled, or when it is let go of.
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
