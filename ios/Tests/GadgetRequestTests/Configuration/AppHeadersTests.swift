import Foundation
import GadgetRequest
import Testing

@Suite("Headers of the host's")
struct AppHeadersTests {
  typealias AppHeaders = ClientConfiguration.AppHeaders

  /// What the server gets, the host app having these headers.
  private func sent(
    _ appHeaders: [AppHeaders], with options: RequestOptions? = nil
  ) async throws -> TestServer.Received {
    var configuration = try TestServer.configuration()
    configuration.appHeaders = appHeaders
    let client = try GadgetClient(configuration: configuration)
    let response = try await client.request(
      options ?? RequestOptions(try TestServer.url("/echo")))
    return try JSONDecoder().decode(TestServer.Received.self, from: response.body)
  }

  @Test("They reach the server, and win over the caller's and the engine's own")
  func sent() async throws {
    let host = try TestServer.host()
    var headers: Headers = [
      "x-session": "s", "X-Caller": "host", "user-agent": "ü/1", "Referer": "https://r.example/",
      "x-tt-logid": "1", "authorization": "Bearer host", "x-empty": "",
    ]
    headers.append("X-SESSION", "later")
    let options = RequestOptions(
      try TestServer.url("/echo"),
      headers: ["x-caller": "caller", "Authorization": "Bearer caller", "x-other": "caller"])
    let received = try await sent([AppHeaders(hosts: [host], headers: headers)], with: options)
    for (name, value) in [
      ("x-session", "later"), ("x-caller", "host"), ("user-agent", "ü/1"),
      ("referer", "https://r.example/"), ("x-tt-logid", "1"), ("authorization", "Bearer host"),
      ("x-empty", ""), ("x-other", "caller"),
    ] {
      #expect(received.values(of: name) == [value], "\(name)")
    }
  }

  @Test("They go to the hosts listed, and to no other")
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

  @Test("Of two entries for a host the later wins, header by header")
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

  @Test("A redirect has those of each URL")
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
