import Foundation
import GadgetRequest
import Testing

@Suite("A request")
struct RequestTests {
  @Test("The example of the published page works over TLS")
  func example() async throws {
    var options = RequestOptions(
      "https://www.toutiao.com", headers: ["content-type": "application/json"],
      data: .json(#"{"noncestr":1637463063659}"#))
    options.parsesJSON = true
    options.responseType = .text

    let response = try await TestServer.client().request(options)

    #expect(response.status == 200)
    #expect(response.trace.count == 53)
    #expect(response.text?.isEmpty == false)
    let received = try await received(response.trace)
    #expect(received.method == "GET")
    #expect(received.target == "/?noncestr=1637463063659")
    #expect(received.values(of: "content-type") == ["application/json"])
  }

  @Test("Text is sent unchanged")
  func text() async throws {
    let received = try await TestServer.echo(
      RequestOptions(TestServer.url("/echo"), method: "POST", data: .text("Grüße \u{0}\u{1F600}")))
    #expect(received.method == "POST")
    #expect(String(decoding: received.body, as: UTF8.self) == "Grüße \u{0}\u{1F600}")
  }

  @Test("JSON is sent unchanged, also 64-bit ids")
  func json() async throws {
    let json = #"{ "id": 9223372036854775807, "b": [1.0, null] }"#
    let received = try await TestServer.echo(
      RequestOptions(TestServer.url("/echo"), method: "put", data: .json(json)))
    #expect(received.method == "PUT")
    #expect(String(decoding: received.body, as: UTF8.self) == json)
    #expect(received.values(of: "content-type") == ["application/json"])
  }

  @Test("JSON is sent as a form if the content type says so")
  func form() async throws {
    let received = try await TestServer.echo(
      RequestOptions(
        TestServer.url("/echo"), method: "POST",
        headers: ["Content-Type": "application/x-www-form-urlencoded"],
        data: .json(#"{"a":"x y","b":1}"#)))
    #expect(String(decoding: received.body, as: UTF8.self) == "a=x+y&b=1")
  }

  @Test("Bytes are sent unchanged", arguments: [0, 1, 1_000_000])
  func bytes(count: Int) async throws {
    let bytes = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    let received = try await TestServer.echo(
      RequestOptions(TestServer.url("/echo"), method: "POST", data: .bytes(bytes)))
    #expect(received.body == bytes)
  }

  @Test("Of a slice of bytes only the slice is sent")
  func slice() async throws {
    let bytes = Data("0123456789".utf8).dropFirst(3).dropLast(3)
    let received = try await TestServer.echo(
      RequestOptions(TestServer.url("/echo"), method: "POST", data: .bytes(bytes)))
    #expect(String(decoding: received.body, as: UTF8.self) == "3456")
  }

  @Test("Of headers that are equal without case the last is sent, and the trace is added")
  func headers() async throws {
    let url = try TestServer.url("/echo")
    var options = RequestOptions(url, headers: ["x-one": "1", "X-One": "2"])
    options.headers.append("x-empty", "")
    let response = try await TestServer.client().request(options)
    let received = try JSONDecoder().decode(TestServer.Received.self, from: response.body)
    #expect(received.values(of: "x-one") == ["2"])
    #expect(received.values(of: "x-empty") == [""])
    #expect(received.values(of: "x-request-id") == [response.trace])
    #expect(received.values(of: "x-tt-logid") == [response.trace])
  }

  private func received(_ trace: String) async throws -> TestServer.Received {
    try await TestServer.echo(RequestOptions(TestServer.url("/received/\(trace)")))
  }
}
