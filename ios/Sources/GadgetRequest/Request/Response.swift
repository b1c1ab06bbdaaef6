public import Foundation

/// The response to a call.
///
/// Any HTTP status is one, 404 and 500 too.
public struct Response: Sendable, Equatable {
  /// The HTTP status, 100 to 999.
  public let status: Int

  /// The header fields in their order, names in lower case; one that repeats stands repeatedly.
  ///
  /// Where a content coding was decoded, `content-encoding` is `identity` and `content-length` absent.
  public let headers: Headers

  /// The body after content-decoding, whatever the ``RequestOptions/responseType``.
  public let body: Data

  /// The body as text, after charset decoding, which never fails; `nil` with
  /// ``ResponseType/arrayBuffer``.
  public let text: String?

  /// The JSON text of the body to the letter, if it is JSON and was to be parsed
  /// (``RequestOptions/parsesJSON``).
  public let json: String?

  /// The call's id, the same that the server was sent as `x-request-id`.
  public let trace: String

  /// The `set-cookie` lines, one each, in their order; none where the mini program is not to see
  /// them (``ClientConfiguration/CookiePolicy/setCookie``).
  public var cookies: [String] {
    headers.values(of: "set-cookie")
  }
}
