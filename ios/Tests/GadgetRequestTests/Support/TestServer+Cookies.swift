import Foundation
import GadgetRequest
import Testing

extension TestServer {
  /// Returns the host of the HTTP side, for which the server sets cookies.
  static func host() throws -> String {
    try #require(URL(string: url("/"))?.host)
  }

  /// Makes a call that the server answers with these `Set-Cookie` lines.
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

  /// Makes a call, with this `Cookie` header, and returns the `cookie` lines that the server got.
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

/// Makes a session cookie, of example.com unless the domain says otherwise.
func cookie(_ name: String, _ value: String = "1", of domain: String = "example.com") -> Cookie {
  Cookie(name: name, value: value, domain: domain)
}

/// Makes the path of a folder that does not exist yet.
func temporaryFolder() -> URL {
  FileManager.default.temporaryDirectory
    .appendingPathComponent("gadget cookies " + UUID().uuidString, isDirectory: true)
}
