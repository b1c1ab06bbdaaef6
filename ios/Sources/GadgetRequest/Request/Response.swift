public import Foundation

/// The response to a call.
///
/// Any HTTP status is a response, 404 and 500 too. See `docs/contract.md#4-result`.
public struct Response: Sendable, Equatable {
  /// The HTTP status, 100 to 999.
  public let status: Int

  /// The header fields in their order, with names in lower case. A repeated field stays repeated.
  ///
  /// If a content coding was decoded, `content-encoding` is `identity` and `content-length` is
  /// absent.
  public let headers: Headers

  /// The body after content decoding, for every ``RequestOptions/responseType``.
  public let body: Data

  /// The body as text, after charset decoding, which never fails; `nil` with
  /// ``ResponseType/arrayBuffer``.
  public var text: String? {
    content?.text
  }

  /// The JSON text of the body, exactly as the server sent it, if the body is JSON and
  /// ``RequestOptions/parsesJSON`` is true.
  public var json: String? {
    content?.json
  }

  /// The id of the call, which the server got as `x-request-id`.
  public let trace: String

  /// `nil` with ``ResponseType/arrayBuffer``.
  let content: ResponseText?

  /// When the phases of the call began and ended, and what went over the wire.
  public let timing: Timing

  /// The `set-cookie` lines in their order, each by itself.
  ///
  /// It is empty if the mini program must not see them
  /// (``ClientConfiguration/CookiePolicy/setCookie``).
  public var cookies: [String] {
    headers.values(of: "set-cookie")
  }
}
