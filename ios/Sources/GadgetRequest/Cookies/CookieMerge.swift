import Foundation

/// Keeps a jar and a store of cookies the same.
///
/// The jar reports its changes; the store reports only that it has changed. So this compares what
/// the store has with what it had, and with what was written to it from here: only another cookie
/// is a change that somebody made there. What nobody has changed in the store is never copied to
/// the jar, which may have changed it meanwhile.
struct CookieMerge {
  private struct Key: Hashable {
    let name: String
    let domain: String
    let path: String

    init(_ cookie: Cookie) {
      (name, domain, path) = (cookie.name, cookie.domain.lowercased(), cookie.path)
    }
  }

  private let jar: CookieJar
  private let store: any WebCookies
  private let domains: [String]?
  /// What the store had when it was last read.
  private var seen: [Key: Cookie] = [:]
  /// What was written to the store since then. It may have refused it.
  private var written: [Key: Cookie] = [:]

  init(_ jar: CookieJar, _ store: any WebCookies, domains: [String]?) {
    (self.jar, self.store) = (jar, store)
    self.domains = domains?.map { $0.lowercased() }
  }

  /// Copies all cookies in both directions. If both have one, the jar's counts.
  mutating func begin() async {
    let ours = byKey(jar.list())
    seen = byKey(await store.all())
    for cookie in ours.values { await write(cookie) }
    for (key, cookie) in seen where ours[key] == nil { setInJar(cookie) }
  }

  /// Copies a change of the jar to the store.
  mutating func apply(_ change: CookieChange) async {
    switch change {
    case .set(let cookie):
      if includes(cookie) { await write(cookie) }
    case .removed(let cookie):
      guard includes(cookie) else { return }
      await store.delete(cookie)
      seen[Key(cookie)] = nil
      written[Key(cookie)] = nil
    }
  }

  /// Copies to the jar what somebody has changed in the store since it was last read.
  mutating func read() async {
    let (before, now, ours) = (seen, byKey(await store.all()), byKey(jar.list()))
    for (key, cookie) in now {
      let known = [before[key], written[key], ours[key]]
      if !known.contains(where: cookie.isSame(as:)) { setInJar(cookie) }
    }
    for (key, cookie) in before where now[key] == nil {
      // Not one that the jar has changed meanwhile: that one is on its way to the store.
      guard let own = ours[key], own.isSame(as: written[key] ?? cookie) else { continue }
      jar.delete(name: own.name, domain: own.domain, path: own.path)
    }
    (seen, written) = (now, [:])
  }

  private mutating func write(_ cookie: Cookie) async {
    let key = Key(cookie)
    guard !cookie.isSame(as: written[key] ?? seen[key]) else { return }
    await store.set(cookie)
    written[key] = cookie
  }

  /// Sets one cookie by itself, because the jar may refuse it.
  private func setInJar(_ cookie: Cookie) {
    try? jar.set([cookie])
  }

  private func byKey(_ cookies: [Cookie]) -> [Key: Cookie] {
    let keys = cookies.filter(includes).map { (Key($0), $0) }
    return Dictionary(keys) { _, last in last }
  }

  private func includes(_ cookie: Cookie) -> Bool {
    guard let domains else { return true }
    let domain = cookie.domain.lowercased().drop { $0 == "." }
    return domains.contains { domain == $0 || domain.hasSuffix("." + $0) }
  }
}

extension Cookie {
  /// Whether a store sends both alike: it cuts times to seconds and drops `SameSite`.
  fileprivate func isSame(as other: Cookie?) -> Bool {
    guard let other, value == other.value, isSecure == other.isSecure,
      isHTTPOnly == other.isHTTPOnly
    else { return false }
    switch (expires, other.expires) {
    case (nil, nil): return true
    case (let ours?, let theirs?): return abs(ours.timeIntervalSince(theirs)) < 2
    default: return false
    }
  }
}
