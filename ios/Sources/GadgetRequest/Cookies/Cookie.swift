public import Foundation

/// A cookie in a client's jar, with the properties of a cookie in a `WKHTTPCookieStore`.
///
/// This type checks nothing. ``CookieJar/set(_:)`` checks the cookie and names the wrong member.
///
/// ```swift
/// var cookie = Cookie(name: "session", value: "1", domain: ".example.com")
/// cookie.isSecure = true
/// try client.cookies.set([cookie])
/// ```
///
/// If you print, dump or interpolate a cookie, the text shows no member, so that logs stay clean.
public struct Cookie: Sendable, Hashable {
  /// The name. It is empty for a cookie without a name.
  public var name: String

  /// The value. If a server sends bytes that are not UTF-8, they are read as ISO-8859-1.
  public var value: String

  /// The host, for a cookie of that host alone; `.` and a domain, to include its subdomains.
  ///
  /// The jar stores it in lower case and Punycode, an IPv6 address in brackets.
  public var domain: String

  /// The path. The cookie is sent to this path and to all paths below it.
  public var path: String

  /// The expiry time, in whole milliseconds. `nil`: a session cookie, which ends with the jar.
  ///
  /// The jar shortens a lifetime of more than 400 days.
  public var expires: Date?

  /// Whether the cookie is sent only over https and to loopback hosts.
  public var isSecure: Bool

  /// Whether the cookie is hidden from scripts.
  public var isHTTPOnly: Bool

  /// The attribute `SameSite`; `nil` if the cookie has none.
  public var sameSite: SameSite?

  /// Creates a cookie. By default it is a session cookie for all paths of a host.
  ///
  /// - Parameters:
  ///   - name: The name; empty for a cookie without a name.
  ///   - value: The value.
  ///   - domain: The host, for a cookie of that host alone; `.` and a domain, to include its
  ///     subdomains.
  ///   - path: The path to which the cookie is sent, and to all paths below it.
  ///   - expires: The expiry time; `nil` for a session cookie.
  ///   - isSecure: Whether the cookie is sent only over https and to loopback hosts.
  ///   - isHTTPOnly: Whether the cookie is hidden from scripts.
  ///   - sameSite: The attribute `SameSite`; `nil` for none.
  public init(
    name: String, value: String, domain: String, path: String = "/", expires: Date? = nil,
    isSecure: Bool = false, isHTTPOnly: Bool = false, sameSite: SameSite? = nil
  ) {
    self.name = name
    self.value = value
    self.domain = domain
    self.path = path
    self.expires = expires
    self.isSecure = isSecure
    self.isHTTPOnly = isHTTPOnly
    self.sameSite = sameSite
  }
}

extension Cookie: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The text `Cookie`, without any member.
  public var description: String {
    "Cookie"
  }

  /// The text of ``description``.
  public var debugDescription: String {
    description
  }

  /// A mirror without members, so that `dump` and a debugger show none.
  public var customMirror: Mirror {
    Mirror(self, children: [])
  }
}
