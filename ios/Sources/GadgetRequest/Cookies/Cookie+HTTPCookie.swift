#if canImport(FoundationNetworking)
  import Foundation
  public import FoundationNetworking
#else
  public import Foundation
#endif

extension Cookie {
  /// A cookie of Foundation's, such as those of a `WKHTTPCookieStore`.
  ///
  /// Its ports, comments and partition are left behind: the jar knows none. So is ``sameSite`` on
  /// Linux, whose Foundation knows none; what Apple's says beside `Lax`, `Strict` and `None` counts
  /// as nothing said.
  public init(_ cookie: HTTPCookie) {
    self.init(
      name: cookie.name, value: cookie.value, domain: cookie.domain, path: cookie.path,
      expires: cookie.isSessionOnly ? nil : cookie.expiresDate, isSecure: cookie.isSecure,
      isHTTPOnly: cookie.isHTTPOnly)
    #if canImport(Darwin)
      sameSite = cookie.sameSitePolicy.flatMap { SameSite(rawValue: $0.rawValue.lowercased()) }
    #endif
  }

  /// The cookie as Foundation has them, such as for a `WKHTTPCookieStore`; `nil` where Foundation
  /// takes none like it.
  ///
  /// A domain with a dot before it is one with all that is below it there too. Foundation may cut
  /// ``expires`` to whole seconds, and has no public key for ``isHTTPOnly``: the one that is used
  /// here is that of other browsers on iOS. ``sameSite`` is carried on Apple's platforms alone,
  /// where Foundation has no constant for ``SameSite/unrestricted`` and WebKit takes it for nothing
  /// said.
  /// Printed, unlike this type, an `HTTPCookie` shows its value.
  public var httpCookie: HTTPCookie? {
    var properties: [HTTPCookiePropertyKey: Any] = [
      .name: name, .value: value, .domain: domain, .path: path,
    ]
    properties[.expires] = expires
    // Any text is a yes.
    if isSecure { properties[.secure] = "TRUE" }
    if isHTTPOnly { properties[HTTPCookiePropertyKey("HttpOnly")] = "TRUE" }
    #if canImport(Darwin)
      properties[.sameSitePolicy] = sameSite?.policy
    #endif
    return HTTPCookie(properties: properties)
  }
}

#if canImport(Darwin)
  extension SameSite {
    fileprivate var policy: HTTPCookieStringPolicy {
      switch self {
      case .strict: .sameSiteStrict
      case .lax: .sameSiteLax
      case .unrestricted: HTTPCookieStringPolicy(rawValue: rawValue)
      }
    }
  }
#endif
