public import Foundation

/// The options of a call.
///
/// This type checks nothing; the engine does. If an option is not valid, the call fails with errno
/// 104, the error names the field, and nothing is sent. See `docs/contract.md#1-options-in`.
///
/// ```swift
/// var options = RequestOptions(
///   "https://example.com/upload", method: "POST",
///   headers: ["content-type": "application/octet-stream"], data: .bytes(image))
/// options.timeout = 20
/// ```
public struct RequestOptions: Sendable, Equatable {
  /// The URL: absolute, `http` or `https`, without user name and password.
  public var url: String

  /// The method, in any case: GET, POST, PUT, HEAD, DELETE, or one of
  /// ``ClientConfiguration/extraMethods``.
  public var method: String

  /// The headers. If names are equal without case, the last one wins.
  ///
  /// The engine and the host app (``ClientConfiguration/appHeaders``) set some headers themselves,
  /// see `docs/contract.md#2-headers-out`.
  public var headers: Headers

  /// The data to send; `nil` for none.
  public var data: RequestData?

  /// Whether the data of the response is text or bytes. Default: text.
  public var responseType: ResponseType = .text

  /// Whether ``Response/json`` is set if the text of the response is JSON (`dataType: json`).
  /// Default: yes.
  public var parsesJSON = true

  /// Seconds from the call's dispatch to the last byte of the body, redirects included.
  ///
  /// It counts in whole milliseconds, from 1 ms to 60 s. For `nil`, and for any other value, the
  /// client's ``ClientConfiguration/timeout`` applies.
  public var timeout: TimeInterval?

  /// How the call treats a redirect. Default: it follows it.
  public var redirect: Redirect = .follow

  /// Whether the body comes in pieces while the call runs, to the closure of
  /// ``GadgetClient/request(_:on:onHeadersReceived:onChunkReceived:completion:)``; the response
  /// then has an empty body. Default: no. ``GadgetClient/stream(_:)`` sets it.
  ///
  /// The size of such a body has the limit ``ClientConfiguration/maxStreamedBytes`` in place of
  /// ``ClientConfiguration/maxBodyBytes``. Without the closure, the body is read and dropped.
  public var enablesChunked = false

  /// Creates options with a URL and what most calls need besides it.
  ///
  /// - Parameters:
  ///   - url: The URL: absolute, `http` or `https`.
  ///   - method: The method, in any case.
  ///   - headers: The headers, in order.
  ///   - data: The data to send; `nil` for none.
  public init(
    _ url: String, method: String = "GET", headers: Headers = [:], data: RequestData? = nil
  ) {
    self.url = url
    self.method = method
    self.headers = headers
    self.data = data
  }
}
