import Foundation
internal import GadgetRequestGenerated

extension Cookie {
  init(_ record: GadgetRequestGenerated.Cookie) {
    self.init(
      name: record.name, value: record.value, domain: record.domain, path: record.path,
      expires: record.expiresMs.map { Date(timeIntervalSince1970: TimeInterval($0) / 1000) },
      isSecure: record.secure, isHTTPOnly: record.httpOnly,
      sameSite: record.sameSite.map { SameSite($0) })
  }

  /// How many bytes the cookie takes at most to cross the boundary.
  var byteCount: Int {
    let rest = 64  // lengths, time and attributes
    return name.utf8.count + value.utf8.count + domain.utf8.count + path.utf8.count + rest
  }
}

extension GadgetRequestGenerated.Cookie {
  init(_ cookie: Cookie) {
    self.init(
      name: cookie.name, value: cookie.value, domain: cookie.domain, path: cookie.path,
      expiresMs: cookie.expires.map(epochMilliseconds), secure: cookie.isSecure,
      httpOnly: cookie.isHTTPOnly,
      sameSite: cookie.sameSite.map { GadgetRequestGenerated.SameSite($0) })
  }
}

extension SameSite {
  init(_ record: GadgetRequestGenerated.SameSite) {
    switch record {
    case .strict: self = .strict
    case .lax: self = .lax
    case .none: self = .unrestricted
    }
  }
}

extension GadgetRequestGenerated.SameSite {
  init(_ sameSite: SameSite) {
    switch sameSite {
    case .strict: self = .strict
    case .lax: self = .lax
    case .unrestricted: self = .none
    }
  }
}

extension CookieChange {
  init(_ record: GadgetRequestGenerated.CookieChange) {
    switch record {
    case .set(let cookie): self = .set(Cookie(cookie))
    case .removed(let cookie): self = .removed(Cookie(cookie))
    }
  }
}
