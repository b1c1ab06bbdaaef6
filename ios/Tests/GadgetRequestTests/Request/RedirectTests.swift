import Foundation
import GadgetRequest
import Testing

@Suite("A redirect")
struct RedirectTests {
  let counter = TestServer.counter()

  /// Makes options for a redirect with this status to `/echo`, or to a URL; each hop is counted.
  private func options(
    _ status: Int, to target: String? = nil, method: String = "GET"
  ) throws -> RequestOptions {
    let target = try target ?? TestServer.url("/echo?counter=\(counter)")
    let to = target.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    let url = try TestServer.url("/redirect/\(status)?counter=\(counter)&to=\(to)")
    return RequestOptions(url, method: method, headers: ["x-own": "1"])
  }

  private func total() async throws -> Int {
    try await TestServer.counters(counter).total
  }

  @Test(
    "It is followed as browsers do",
    arguments: [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
  func followed(status: Int, method: String) async throws {
    var options = try options(status, method: "POST")
    options.data = .json(#"{"a":1}"#)
    let response = try await TestServer.client().request(options)
    #expect(response.status == 200)
    let received = try JSONDecoder().decode(TestServer.Received.self, from: response.body)
    #expect(received.method == method)
    #expect(String(decoding: received.body, as: UTF8.self) == (method == "GET" ? "" : #"{"a":1}"#))
    #expect(
      received.values(of: "content-type") == (method == "GET" ? [] : ["application/json"]))
    #expect(received.values(of: "x-own") == ["1"])
    #expect(received.values(of: "x-request-id") == [response.trace])
    #expect(try await total() == 2)
  }

  @Test("It sends no credentials to another origin")
  func origins() async throws {
    let host = try TestServer.host()
    for (target, isKept) in [(nil, true), ("https://www.toutiao.com/echo", false)] {
      var options = try options(302, to: target)
      options.headers.append("Authorization", "Bearer 1")
      options.headers.append("cookie", "own=1")
      let client = try TestServer.client()
      try client.cookies.set([
        Cookie(name: "from", value: "1", domain: host),
        Cookie(name: "to", value: "1", domain: "www.toutiao.com"),
      ])
      let response = try await client.request(options)
      let received = try JSONDecoder().decode(TestServer.Received.self, from: response.body)
      #expect(received.values(of: "authorization") == (isKept ? ["Bearer 1"] : []))
      #expect(received.values(of: "cookie") == [isKept ? "own=1; from=1" : "to=1"])
    }
  }

  @Test("With the option manual it is the response")
  func manual() async throws {
    var options = try options(302)
    options.redirect = .manual
    let response = try await TestServer.client().request(options)
    #expect(response.status == 302)
    let target = try TestServer.url("/echo?counter=\(counter)")
    #expect(response.headers["location"] == target)
    #expect(try await total() == 1)
  }

  @Test("With the option error it fails with 305")
  func error() async throws {
    var options = try options(302)
    options.redirect = .error
    try await failure(.networkFailure, "redirect refused", of: options)
    #expect(try await total() == 1)
    options.url = try TestServer.url("/echo")
    #expect(try await TestServer.client().request(options).status == 200)
  }

  @Test(
    "A location that cannot be followed fails with 305",
    arguments: ["ftp://a.com/", "http://u:p@a.com/"])
  func bad(location: String) async throws {
    try await failure(.networkFailure, "bad redirect", of: options(302, to: location))
  }

  @Test("One more than the settings allow fails with 305", arguments: [nil, 0, 3])
  func tooMany(most: Int?) async throws {
    let client = try TestServer.client { $0.maxRedirects = most }
    let most = most ?? 20
    if most > 0 {
      let options = RequestOptions(try TestServer.url("/redirect/302/\(most)"))
      #expect(try await client.request(options).status == 200)
    }
    let options = RequestOptions(try TestServer.url("/redirect/302/\(most + 1)"))
    try await failure(.networkFailure, "too many redirects", of: options, by: client)
  }

  @Test("It is not followed to a host or address that is not allowed")
  func policy() async throws {
    let (host, elsewhere) = (try TestServer.host(), "https://www.toutiao.com/echo")
    try await failure(
      .prohibited, "host not allowed", of: options(302, to: elsewhere + "?counter=\(counter)"),
      by: TestServer.client { $0.allowedHosts = [host] })
    #expect(try await total() == 1)

    let back = try options(302).url.replacingOccurrences(
      of: try TestServer.url(""), with: "https://www.toutiao.com")
    try await failure(
      .prohibited, "cleartext not allowed", of: RequestOptions(back),
      by: TestServer.client { $0.allowsCleartext = false })
    #expect(try await total() == 2)

    try await failure(
      .prohibited, "private address not allowed",
      of: options(302, to: "http://169.254.169.254/latest/meta-data"),
      by: TestServer.client {
        $0.allowsPrivateAddresses = false
        $0.allowedPrivateNetworks = ["127.0.0.0/8"]
      })
  }
}
