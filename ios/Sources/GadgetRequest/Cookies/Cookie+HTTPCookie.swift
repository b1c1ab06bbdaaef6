#if canImport(FoundationNetworking)
  import Foundation
  public import FoundationNetworking
#else
  public import Foundation
#endif

extension Cookie {
  /// Creates a cookie from one of Foundation, for example from a `WKHTTPCookieStore`.
  ///
  /// Ports, comments and the partition are dropped, because the jar does not support them.
  /// ``sameSite`` is `nil` on Linux, where Foundation does not support it, and for any policy other
  /// than `Lax`, `Strict` and `None`.
  public init(_ cookie: HTTPCookie) {
    self.init(
      name: cookie.name, value: cookie.value, domain: cookie.domain, path: cookie.path,
      expires: cookie.isSessionOnly ? nil : cookie.expiresDate, isSecure: cookie.isSecure,
      isHTTPOnly: cookie.isHTTPOnly)
    #if canImport(Darwin)
      sameSite = cookie.sameSitePolicy.flatMap { SameSite(rawValue: $0.rawValue.lowercased()) }
    #endif
  }

  /// The cookie for Foundation, for example for a `WKHTTPCookieStore`; `nil` if Foundation refuses
  /// it.
  ///
  /// A domain with a dot before it includes its subdomains there, too. Foundation may cut
  /// ``expires`` to whole seconds. It has no public key for ``isHTTPOnly``, so this property uses
  /// the key that other browsers on iOS use. ``sameSite`` is set only on Apple platforms; there is
  /// no constant for ``SameSite/unrestricted``, and WebKit treats it as absent.
  ///
  /// A printed `HTTPCookie` shows its value, unlike a ``Cookie``.
  public var httpCookie: HTTPCookie? {
    var properties: [HTTPCookiePropertyKey: Any] = [
      .name: name, .value: value, .domain: domain, .path: path,
    ]
    properties[.expires] = expires
    // Foundation takes any text as true.
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
