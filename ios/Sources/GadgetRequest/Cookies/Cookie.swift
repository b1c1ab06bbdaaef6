public import Foundation

/// A cookie of a client's jar, in the terms of a `WKHTTPCookieStore`.
///
/// Nothing is checked here: ``CookieJar/set(_:)`` does, and names the member.
///
/// ```swift
/// var cookie = Cookie(name: "session", value: "1", domain: ".example.com")
/// cookie.isSecure = true
/// try client.cookies.set([cookie])
/// ```
///
/// Printed, dumped or interpolated it shows nothing of itself: that ends up in logs.
public struct Cookie: Sendable, Hashable {
  /// The name; empty for a nameless one.
  public var name: String

  /// The value. Bytes of a server's that are no UTF-8 are shown as ISO-8859-1.
  public var value: String

  /// The host that it is for alone; with a dot before it, a domain with all that is below it.
  ///
  /// The jar has it in lower case and Punycode, an IPv6 address in brackets.
  public var domain: String

  /// The path below which it is sent.
  public var path: String

  /// When it is over, in whole milliseconds; `nil`: at the end of the process.
  ///
  /// No cookie is kept longer than 400 days: the jar shortens what is more.
  public var expires: Date?

  /// Whether it is sent over https and to loopback only.
  public var isSecure: Bool

  /// Whether it is not for scripts.
  public var isHTTPOnly: Bool

  /// What it says of requests from other sites; `nil`: nothing.
  public var sameSite: SameSite?

  /// A cookie; as it is by default, one of the session for all paths of a host.
  ///
  /// - Parameters:
  ///   - name: The name; empty for a nameless one.
  ///   - value: The value.
  ///   - domain: The host that it is for alone; with a dot before it, a domain with all below it.
  ///   - path: The path below which it is sent.
  ///   - expires: When it is over; `nil`: at the end of the process.
  ///   - isSecure: Whether it is sent over https and to loopback only.
  ///   - isHTTPOnly: Whether it is not for scripts.
  ///   - sameSite: What it says of requests from other sites; `nil`: nothing.
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
  /// `Cookie`, and nothing of it.
  public var description: String {
    "Cookie"
  }

  /// The same.
  public var debugDescription: String {
    description
  }

  /// No member: `dump` and a debugger show none either.
  public var customMirror: Mirror {
    Mirror(self, children: [])
  }
}
