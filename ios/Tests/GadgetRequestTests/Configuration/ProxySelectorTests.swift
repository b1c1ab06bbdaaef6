import Foundation
import GadgetRequest
import Testing

@Suite("A proxy selector of the host app")
struct ProxySelectorTests {
  /// Answers by a closure, and remembers the origins.
  final class Chooser: ProxySelector {
    struct Unknown: Error {}

    private let asked = Shared<[String]>([])
    private let answer: @Sendable (String) throws -> String?

    init(_ answer: @escaping @Sendable (String) throws -> String?) { self.answer = answer }

    func select(_ origin: String) throws -> String? {
      asked.withLock { $0.append(origin) }
      return try answer(origin)
    }

    var origins: [String] { asked.withLock { $0 } }
  }

  /// The test server answers for any host, if it is the proxy.
  private let there = RequestOptions("http://somewhere.invalid/secret?path")

  @Test("It is asked for each request by its origin, and its proxy is used")
  func origins() async throws {
    let server = try TestServer.url("")
    let chooser = Chooser { $0 == "http://somewhere.invalid/" ? server : nil }
    let client = try TestServer.client(proxySelector: chooser)
    let name = TestServer.counter()
    let options = RequestOptions("http://somewhere.invalid/echo?counter=\(name)")
    for _ in 1...2 { #expect(try await client.request(options).status == 200) }
    #expect(try await TestServer.counters(name).total == 2)
    #expect(try await client.request(RequestOptions(server + "/status/204")).status == 204)
    #expect(
      chooser.origins == [
        "http://somewhere.invalid/", "http://somewhere.invalid/", server + "/",
      ])
  }

  @Test("If it throws or answers with anything but a proxy, the call fails with 305")
  func wrong() async throws {
    let answers: [@Sendable (String) throws -> String?] = [
      { _ in throw Chooser.Unknown() }, { _ in "" }, { _ in "garbage" }, { _ in "ftp://127.0.0.1" },
      { _ in String(repeating: "a", count: 1 << 20) },
    ]
    for answer in answers {
      let client = try TestServer.client(proxySelector: Chooser(answer))
      for _ in 1...2 { try await failure(.networkFailure, "proxy failed", of: there, by: client) }
    }
  }

  @Test("If it hangs, the call fails with 302 in time, and another one takes its place")
  func slow() async throws {
    let isOver = DispatchSemaphore(value: 0)
    defer { isOver.signal() }
    let hanging = Chooser { _ in
      _ = isOver.wait(timeout: .now() + 20)
      return nil
    }
    let client = try TestServer.client(proxySelector: hanging) { $0.connectTimeout = 0.1 }
    try await failure(.timedOut, "timeout", of: there, by: client)
    let server = try TestServer.url("")
    try client.setProxySelector(Chooser { _ in server })
    #expect(try await client.request(there).status == 200)
  }

  @Test("A living client takes another proxy, and none again")
  func another() async throws {
    let client = try TestServer.client()
    let server = try TestServer.url("")
    try await failure(.networkFailure, "name not resolved", of: there, by: client)
    try client.setProxy(server)
    #expect(try await client.request(there).status == 200)
    do {
      try client.setProxy("ftp://127.0.0.1")
      Issue.record("it was taken")
    } catch let error as GadgetConfigurationError {
      #expect(error.reason.hasPrefix("proxy: not an http, https, socks5 or socks5h URL"))
    }
    #expect(try await client.request(there).status == 200)
    try client.setProxy(server, bypass: ["*.invalid"])
    try await failure(.networkFailure, "name not resolved", of: there, by: client)
    try client.setProxy(nil)
    try await failure(.networkFailure, "name not resolved", of: there, by: client)
  }

  @Test("It is not asked for the hosts of the settings, unless others are given")
  func bypass() async throws {
    let chooser = Chooser { _ in throw Chooser.Unknown() }
    let client = try TestServer.client(proxySelector: chooser) {
      $0.proxyBypass = ["somewhere.invalid"]
    }
    try await failure(.networkFailure, "name not resolved", of: there, by: client)
    try client.setProxySelector(chooser)
    try await failure(.networkFailure, "name not resolved", of: there, by: client)
    #expect(chooser.origins == [])
    try client.setProxySelector(chooser, bypass: [])
    try await failure(.networkFailure, "proxy failed", of: there, by: client)
    #expect(throws: GadgetConfigurationError.self) {
      try client.setProxySelector(chooser, bypass: ["a b"])
    }
  }

  @Test("It is released with its client, and when another takes its place")
  func released() async throws {
    weak var left: Chooser?
    do {
      let client = try TestServer.client(proxySelector: chooser(&left))
      try await failure(.networkFailure, "name not resolved", of: there, by: client)
      try client.setProxy(nil)
      try await TestServer.wait(until: "it is released") { left == nil }
      try client.setProxySelector(chooser(&left))
      #expect(left != nil)
    }
    try await TestServer.wait(until: "it is released") { left == nil }
  }

  private func chooser(_ left: inout Chooser?) -> Chooser {
    let chooser = Chooser { _ in nil }
    left = chooser
    return chooser
  }
}
