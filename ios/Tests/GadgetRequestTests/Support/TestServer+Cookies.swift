import Foundation
import GadgetRequest
import Testing

extension TestServer {
  /// The host of its HTTP side, for which it sets cookies.
  static func host() throws -> String {
    try #require(URL(string: url("/"))?.host)
  }

  /// Lets the server set cookies by these `Set-Cookie` lines.
  @discardableResult
  static func setCookies(_ lines: [String], by client: GadgetClient) async throws -> Response {
    let response = try await client.request(RequestOptions(settingURL(lines)))
    #expect(response.status == 200)
    return response
  }

  static func settingURL(_ lines: [String]) throws -> String {
    let query = lines.map { line in
      "line=" + (line.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
    }
    return try url("/cookies/set?" + query.joined(separator: "&"))
  }

  /// The `cookie` lines that the server gets, the caller setting this header.
  static func sentCookies(
    by client: GadgetClient, with header: String? = nil
  ) async throws -> [String] {
    struct Received: Decodable {
      let cookie: [String]
    }
    var options = RequestOptions(try url("/cookies"))
    if let header { options.headers.append("Cookie", header) }
    let response = try await client.request(options)
    return try JSONDecoder().decode(Received.self, from: response.body).cookie
  }
}
