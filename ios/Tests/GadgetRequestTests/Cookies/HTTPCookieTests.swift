import Foundation
import GadgetRequest
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

@Suite("A cookie of Foundation")
struct HTTPCookieTests {
  /// In whole seconds, because Foundation may drop the rest.
  static let expires = Date(timeIntervalSince1970: 1_900_000_000)

  static let cookies: [Cookie] = [
    Cookie(name: "a", value: "1", domain: "example.com"),
    Cookie(name: "a", value: "1", domain: ".example.com", path: "/p"),
    Cookie(name: "a", value: "b=\"c, d\"", domain: "127.0.0.1", expires: expires),
    Cookie(name: "a", value: "", domain: "localhost", isSecure: true),
    Cookie(name: "a", value: "1", domain: "example.com", isHTTPOnly: true),
    Cookie(
      name: "__Secure-a", value: "1", domain: ".www.example.com", path: "/p/q", expires: expires,
      isSecure: true, isHTTPOnly: true),
  ]

  @Test("A cookie is the same after a conversion to Foundation and back", arguments: cookies)
  func roundTrip(cookie: Cookie) throws {
    let theirs = try #require(cookie.httpCookie)
    #expect((theirs.name, theirs.value) == (cookie.name, cookie.value))
    #expect((theirs.domain, theirs.path) == (cookie.domain, cookie.path))
    #expect((theirs.isSecure, theirs.isHTTPOnly) == (cookie.isSecure, cookie.isHTTPOnly))
    #expect(theirs.expiresDate == cookie.expires)
    #expect(Cookie(theirs) == cookie)
  }

  @Test("SameSite is converted if Foundation supports it")
  func sameSite() throws {
    for sameSite in SameSite.allCases {
      var cookie = Self.cookies[5]
      cookie.sameSite = sameSite
      let back = Cookie(try #require(cookie.httpCookie))
      #if canImport(Darwin)
        if sameSite != .unrestricted { #expect(back == cookie) }
      #else
        #expect(back == Self.cookies[5])
      #endif
    }
  }

  @Test("A cookie of a response means the same in the jar")
  func response() throws {
    let url = try #require(URL(string: "https://www.example.com/p"))
    func theirs(_ line: String) throws -> HTTPCookie {
      let header = ["Set-Cookie": line]
      return try #require(HTTPCookie.cookies(withResponseHeaderFields: header, for: url).first)
    }
    let jar = try TestServer.client().cookies
    let lines = [
      "host=1; Path=/; Secure; HttpOnly", "domain=2; Domain=example.com; Path=/",
      "kept=3; Path=/; Expires=Sun, 17 Mar 2030 17:46:40 GMT",
      "session=4; Path=/; Version=1; Discard",
    ]
    let cookies = try lines.map { Cookie(try theirs($0)) }
    try jar.set(cookies)
    func names(_ url: String) -> [String] { jar.list(for: url).map(\.name) }
    #expect(names("https://www.example.com/") == ["host", "domain", "kept", "session"])
    #expect(names("http://www.example.com/") == ["domain", "kept", "session"])
    #expect(names("https://example.com/") == ["domain"])
    #expect(names("https://a.example.com/") == ["domain"])
    #expect(cookies.map(\.isHTTPOnly) == [true, false, false, false])
    #expect(cookies.map(\.expires) == [nil, nil, Self.expires, nil])
  }

  @Test("A session cookie of Foundation stays one, even if it has a time")
  func session() throws {
    let properties: [HTTPCookiePropertyKey: Any] = [
      .name: "a", .value: "1", .domain: "example.com", .path: "/", .discard: "TRUE",
      .expires: Self.expires,
    ]
    let cookie = Cookie(try #require(HTTPCookie(properties: properties)))
    #expect(cookie == Self.cookies[0])
  }
}
