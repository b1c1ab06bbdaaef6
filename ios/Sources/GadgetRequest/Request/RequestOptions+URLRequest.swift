#if canImport(FoundationNetworking)
  public import Foundation
  public import FoundationNetworking
#else
  public import Foundation
#endif

extension RequestOptions {
  /// Creates options with a URL of Foundation.
  ///
  /// - Parameters:
  ///   - url: The URL: absolute, `http` or `https`.
  ///   - method: The method, in any case.
  ///   - headers: The headers, in order.
  ///   - data: The data to send; `nil` for none.
  public init(
    _ url: URL, method: String = "GET", headers: Headers = [:], data: RequestData? = nil
  ) {
    self.init(url.absoluteString, method: method, headers: headers, data: data)
  }

  /// Creates options with the URL, the method, the headers, the body and the timeout of a request
  /// of Foundation, as URLSession and Alamofire take it.
  ///
  /// Its headers have no order; here they are sorted by name. A body without a content type goes
  /// out as `application/json`, not as a form. The timeout counts for the whole call, not for the
  /// time without data; the default of Foundation, 60 s, leaves it to
  /// ``ClientConfiguration/timeout``. The rest has no meaning here: the cache policy, the service
  /// type, and whether cookies are handled, which the client's jar decides.
  ///
  /// - Parameter request: The request. Without a URL, the call fails with errno 104.
  /// - Throws: ``GadgetConfigurationError`` if the body is a stream.
  public init(_ request: URLRequest) throws {
    guard request.httpBodyStream == nil else {
      throw GadgetConfigurationError(reason: "httpBodyStream: not supported, set httpBody")
    }
    self.init(
      request.url?.absoluteString ?? "", method: request.httpMethod ?? "GET",
      headers: Headers(request.allHTTPHeaderFields ?? [:]),
      data: request.httpBody.map(RequestData.bytes))
    let foundationDefault: TimeInterval = 60
    if request.timeoutInterval != foundationDefault { timeout = request.timeoutInterval }
  }
}
