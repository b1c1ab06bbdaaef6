import Foundation
import GadgetRequest
import Testing

@Suite("App headers")
struct AppHeadersTests {
  typealias AppHeaders = ClientConfiguration.AppHeaders

  /// Makes a call with these app headers and returns what the server received.
  private func sent(
    _ appHeaders: [AppHeaders], with options: RequestOptions? = nil
  ) async throws -> TestServer.Received {
    let client = try TestServer.client { $0.appHeaders = appHeaders }
    let response = try await client.request(
      options ?? RequestOptions(try TestServer.url("/echo")))
    return try JSONDecoder().decode(TestServer.Received.self, from: response.body)
  }

  @Test("App headers reach the server and win over the headers of the caller and of the engine")
  func sent() async throws {
    let host = try TestServer.host()
    var headers: Headers = [
      "x-session": "s", "X-Caller": "app", "user-agent": "ü/1", "Referer": "https://r.example/",
      "x-tt-logid": "1", "authorization": "Bearer app", "x-empty": "",
    ]
    headers.append("X-SESSION", "later")
    let options = RequestOptions(
      try TestServer.url("/echo"),
      headers: ["x-caller": "caller", "Authorization": "Bearer caller", "x-other": "caller"])
    let received = try await sent([AppHeaders(hosts: [host], headers: headers)], with: options)
    for (name, value) in [
      ("x-session", "later"), ("x-caller", "app"), ("user-agent", "ü/1"),
      ("referer", "https://r.example/"), ("x-tt-logid", "1"), ("authorization", "Bearer app"),
      ("x-empty", ""), ("x-other", "caller"),
    ] {
      #expect(received.values(of: name) == [value], "\(name)")
    }
  }

  @Test("App headers go only to the listed hosts")
  func hosts() async throws {
    let host = try TestServer.host()
    let port = try #require(URL(string: TestServer.url("/"))?.port)
    for (hosts, isSent) in [
      ([host], true), (["example.com", "\(host):\(port)"], true), ([], false),
      (["\(host):1"], false), (["www.toutiao.com", "localhost"], false),
    ] {
      let received = try await sent([AppHeaders(hosts: hosts, headers: ["x-session": "s"])])
      #expect(received.values(of: "x-session") == (isSent ? ["s"] : []), "\(hosts)")
    }
  }

  @Test("If two entries set the same header for a host, the later entry wins")
  func several() async throws {
    let host = try TestServer.host()
    let received = try await sent([
      AppHeaders(hosts: [host], headers: ["x-a": "1", "x-b": "1"]),
      AppHeaders(hosts: [host], headers: ["X-B": "2"]),
      AppHeaders(hosts: ["example.com"], headers: ["x-b": "3"]),
    ])
    #expect(received.values(of: "x-a") == ["1"])
    #expect(received.values(of: "x-b") == ["2"])
  }

  @Test("Each URL of a redirect gets its own app headers")
  func redirected() async throws {
    let host = try TestServer.host()
    let headers = [
      AppHeaders(hosts: [host], headers: ["x-session": "from", "authorization": "Bearer from"]),
      AppHeaders(hosts: ["*.toutiao.com"], headers: ["x-to": "to"]),
    ]
    let away = RequestOptions(
      try TestServer.url("/redirect/302?to=https%3A%2F%2Fwww.toutiao.com%2Fecho"))
    let received = try await sent(headers, with: away)
    #expect(received.values(of: "x-session") == [])
    #expect(received.values(of: "authorization") == [])
    #expect(received.values(of: "x-to") == ["to"])

    let within = RequestOptions(try TestServer.url("/redirect/302"))
    #expect(try await sent(headers, with: within).values(of: "x-session") == ["from"])
  }
}
