/// The head of a response, while its body is still on the way: what ``Response`` has of it later.
///
/// It is the head of the last response, never of a redirect that is followed.
public struct ResponseHead: Sendable, Equatable {
  /// The HTTP status, 100 to 999.
  public let status: Int

  /// The header fields in their order, with names in lower case. A repeated field stays repeated.
  public let headers: Headers

  /// The object for the listeners of a mini program (`onHeadersReceived`), as JSON: `statusCode`,
  /// `header` and `cookies`, as the result has them.
  public let json: String

  /// The `set-cookie` lines in their order, each by itself.
  ///
  /// It is empty if the mini program must not see them
  /// (``ClientConfiguration/CookiePolicy/setCookie``).
  public var cookies: [String] {
    headers.values(of: "set-cookie")
  }
}
