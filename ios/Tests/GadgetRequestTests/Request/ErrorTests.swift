import Foundation
import GadgetRequest
import Testing

@Suite("An error")
struct ErrorTests {
  @Test("If an option is not valid, the call fails with 104, names the field and sends nothing")
  func invalidParameter() async throws {
    let counter = TestServer.counter()
    let url = try TestServer.url("/echo?counter=\(counter)")
    let wrong: [(RequestOptions, String)] = [
      (RequestOptions("ftp://example.com"), "invalid url"),
      (RequestOptions(""), "invalid url"),
      (RequestOptions(url, method: "BREW"), "invalid method"),
      (RequestOptions(url, headers: ["a b": "1"]), "invalid header"),
      (RequestOptions(url, headers: ["a": "1\n2"]), "invalid header"),
      (RequestOptions(url, data: .bytes(Data([1]))), "invalid data"),
      (RequestOptions(url, method: "POST", data: .json("{")), "invalid data"),
    ]
    for (options, detail) in wrong {
      do {
        _ = try await TestServer.client().request(options)
        Issue.record("a response came instead of \(detail)")
      } catch let error as GadgetError {
        #expect(error.detail.hasPrefix(detail))
        expect(error, is: .invalidParameter, error.detail)
      }
    }
    #expect(try await TestServer.counters(counter).total == 0)
  }

  @Test("A port on which nobody listens fails with 305")
  func refused() async throws {
    let options = RequestOptions("http://127.0.0.1:1")
    let error = try await failure(.networkFailure, "connection failed", of: options)
    #expect(error?.cause == "connect: connection refused (os error 111)")
  }

  @Test("A name without an address fails with 305")
  func unresolved() async throws {
    try await failure(
      .networkFailure, "name not resolved", of: RequestOptions("http://nowhere.invalid"))
  }

  @Test("A server with an unknown issuer fails with 305")
  func unknownIssuer() async throws {
    let client = try GadgetClient(configuration: ClientConfiguration(appID: "", appVersion: ""))
    let options = RequestOptions(try TestServer.variable("GADGET_HTTPS") + "/echo")
    try await failure(.networkFailure, "tls: unknown issuer", of: options, by: client)
  }

  @Test("A certificate that has expired fails with 305")
  func expired() async throws {
    let port = try TestServer.variable("GADGET_HTTPS").split(separator: ":").last ?? ""
    let client = try TestServer.client {
      $0.resolve = ["expired.example.com:\(port):127.0.0.1"]
    }
    let options = RequestOptions("https://expired.example.com:\(port)/echo")
    try await failure(.networkFailure, "tls: certificate expired", of: options, by: client)
  }

  @Test("A call that takes too long fails with 302")
  func timeout() async throws {
    var options = RequestOptions(try TestServer.url("/fault/silence"))
    options.timeout = 0.05
    try await failure(.timedOut, "timeout", of: options)
  }

  @Test("A body that is cut short fails with 305")
  func cutShort() async throws {
    try await failure(
      .networkFailure, "body cut short", of: RequestOptions(TestServer.url("/fault/half-body")))
  }

  @Test("Options over 100 MiB fail with 104, also if UniFFI cannot carry them")
  func oversized() async throws {
    let limit = 100 << 20
    let url = try TestServer.url("/echo")
    let large = String(decoding: Data(count: limit), as: UTF8.self)
    let field = Headers.Field(name: "x-large", value: large)
    let oversized = [
      RequestOptions(url, method: "POST", data: .bytes(Data(count: 3 << 30))),
      RequestOptions(url, headers: Headers(Array(repeating: field, count: 30))),
    ]
    for options in oversized {
      try await failure(.invalidParameter, "invalid options: over 100 MiB", of: options)
    }
    let result = try await TestServer.client().invoke(
      optionsJSON: #"{"url":"\#(url)","method":"POST"}"#, body: Data(count: limit))
    #expect(result.json.contains(#""errMsg":"request:fail invalid options: over 100 MiB""#))
  }

  @Test("The table has the groups of the constants, and no detail twice")
  func table() {
    let constants: [Errno] = [
      .internalError, .notSupported, .invalidParameter, .prohibited, .tooManyCalls, .inBackground,
      .cancelled, .timedOut, .noNetwork, .networkSDK, .networkFailure, .networkSDKParameter,
    ]
    #expect(Errno.all == constants)
    for errno in Errno.all {
      #expect(!errno.errString.isEmpty)
      #expect(!errno.details.isEmpty)
    }
    let details = Errno.all.flatMap(\.details)
    #expect(Set(details).count == details.count)
    #expect(details.count == 42)
    #expect(Errno(rawValue: 1).errString == "")
    #expect(Errno(rawValue: 1).details == [])
    #expect(Errno.cancelled.description == "301")
  }
}
