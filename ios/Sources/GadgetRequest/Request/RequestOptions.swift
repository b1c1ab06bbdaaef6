public import Foundation

/// What to request.
///
/// Nothing is checked here; whatever is wrong becomes the call's outcome, errno 104 with the name of
/// the field, and nothing is sent then.
///
/// ```swift
/// var options = RequestOptions(
///   "https://example.com/upload", method: "POST",
///   headers: ["content-type": "application/octet-stream"], data: .bytes(image))
/// options.timeout = 20
/// ```
public struct RequestOptions: Sendable, Equatable {
  /// The URL, absolute, `http` or `https`, without credentials.
  public var url: String

  /// The method, in any case: GET, POST, PUT, HEAD, DELETE, and what the host switched on.
  public var method: String

  /// The headers. Of names equal without case the last wins; some are the engine's own, or
  /// the host's (``ClientConfiguration/appHeaders``).
  public var headers: Headers

  /// What to send; `nil`: nothing.
  public var data: RequestData?

  /// Whether the response's data is text or bytes. Default: text.
  public var responseType: ResponseType = .text

  /// Whether a text body that is JSON is given as ``Response/json`` (`dataType: json`). Default: yes.
  public var parsesJSON = true

  /// Seconds from dispatch to the last byte of the body, redirects included, in whole milliseconds,
  /// at most 60.
  ///
  /// `nil`, and a time outside 1 ms to 60 s: the client's default.
  public var timeout: TimeInterval?

  /// What to do with a redirect. Default: follow it.
  public var redirect: Redirect = .follow

  /// Options with a URL, and what most calls say beside it.
  ///
  /// - Parameters:
  ///   - url: The URL, absolute, `http` or `https`.
  ///   - method: The method, in any case.
  ///   - headers: The headers, in order.
  ///   - data: What to send; `nil`: nothing.
  public init(
    _ url: String, method: String = "GET", headers: Headers = [:], data: RequestData? = nil
  ) {
    self.url = url
    self.method = method
    self.headers = headers
    self.data = data
  }
}
