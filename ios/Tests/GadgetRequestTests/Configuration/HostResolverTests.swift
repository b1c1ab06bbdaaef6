import Foundation
import GadgetRequest
import Testing

@Suite("A resolver of the host app")
struct HostResolverTests {
  /// Answers by a closure, and remembers the names.
  final class Phonebook: HostResolver {
    struct Unknown: Error {}

    let asked = Shared<[String]>([])
    private let answer: @Sendable (String) throws -> [String]

    init(_ answer: @escaping @Sendable (String) throws -> [String]) { self.answer = answer }

    func resolve(_ host: String) throws -> [String] {
      asked.withLock { $0.append(host) }
      return try answer(host)
    }

    var names: [String] { asked.withLock { $0 } }
  }

  /// Makes options that reach the test server by this name; its connection closes after the
  /// response.
  private func options(_ host: String) throws -> RequestOptions {
    let port = try #require(URL(string: TestServer.url("/"))?.port)
    return RequestOptions("http://\(host):\(port)/close/2")
  }

  @Test("It is asked for each new connection, with the name in lower case and Punycode")
  func names() async throws {
    let phonebook = Phonebook { _ in ["127.0.0.1"] }
    let client = try TestServer.client(resolver: phonebook)
    for host in ["known.example", "KNOWN.example", "bücher.example"] {
      #expect(try await client.request(options(host)).status == 200)
    }
    #expect(phonebook.names == ["known.example", "known.example", "xn--bcher-kva.example"])
  }

  @Test("It is asked for TLS connections, and the certificate must fit the name")
  func tls() async throws {
    let phonebook = Phonebook { _ in ["127.0.0.1"] }
    let client = try TestServer.client(resolver: phonebook)
    let port = try TestServer.variable("GADGET_HTTPS").split(separator: ":").last ?? ""
    let options = RequestOptions("https://known.example:\(port)/echo")
    let response = try await client.request(options)
    let received = try JSONDecoder().decode(TestServer.Received.self, from: response.body)
    #expect(received.target == "/echo")
    try await failure(
      .networkFailure, "tls: certificate expired",
      of: RequestOptions("https://expired.known.example:\(port)/echo"), by: client)
    #expect(phonebook.names == ["known.example", "expired.known.example"])
  }

  @Test("It is not asked for addresses, localhost, and names that the setting resolve has")
  func others() async throws {
    let phonebook = Phonebook { _ in throw Phonebook.Unknown() }
    let port = try #require(URL(string: TestServer.url("/"))?.port)
    let client = try TestServer.client(resolver: phonebook) {
      $0.resolve = ["fixed.example:\(port):127.0.0.1"]
    }
    for host in ["127.0.0.1", "2130706433", "localhost", "a.LOCALHOST", "fixed.example"] {
      #expect(try await client.request(options(host)).status == 200)
    }
    #expect(phonebook.names == [])
  }

  @Test("If there is a proxy, it is asked only for the proxy's name")
  func proxy() async throws {
    let port = try #require(URL(string: TestServer.url("/"))?.port)
    for (answer, isReached) in [(["127.0.0.1"], true), (["x"], false)] {
      let phonebook = Phonebook { _ in answer }
      let client = try TestServer.client(resolver: phonebook) {
        $0.proxy = "http://proxy.example:\(port)"
      }
      if isReached {
        #expect(try await client.request(options("behind.example")).status == 200)
      } else {
        try await failure(
          .networkFailure, "proxy failed", of: options("behind.example"), by: client)
      }
      #expect(phonebook.names == ["proxy.example"])
    }
  }

  @Test("If one of its addresses does not answer, the next is tried")
  func several() async throws {
    let client = try TestServer.client(resolver: Phonebook { _ in ["::1", "127.0.0.1"] })
    #expect(try await client.request(options("two.example")).status == 200)
  }

  @Test("If it has no answer, the system is asked")
  func empty() async throws {
    let phonebook = Phonebook { _ in [] }
    let client = try TestServer.client(resolver: phonebook)
    try await failure(
      .networkFailure, "name not resolved", of: options("nowhere.invalid"), by: client)
    #expect(phonebook.names == ["nowhere.invalid"])
  }

  @Test("If it throws, the call fails with 305, and the next call asks it again")
  func throwing() async throws {
    let phonebook = Phonebook { _ in throw Phonebook.Unknown() }
    let client = try TestServer.client(resolver: phonebook)
    for asked in 1...2 {
      try await failure(
        .networkFailure, "name not resolved", of: options("failing.example"), by: client)
      #expect(phonebook.names.count == asked)
    }
  }

  @Test(
    "If an answer is not an address, the call fails with 305",
    arguments: [
      [""], ["example.com"], ["127.0.0.1:80"], ["[::1]"], ["127.1"], [" 127.0.0.1"],
      ["fe80::1%lo"], ["127.0.0.1", "x"], ["127.0.0.1\0"],
    ])
  func wrong(answer: [String]) async throws {
    let client = try TestServer.client(resolver: Phonebook { _ in answer })
    try await failure(
      .networkFailure, "name not resolved", of: options("wrong.example"), by: client)
  }

  @Test("Many addresses are accepted, and an answer that UniFFI cannot carry fails with 305")
  func many() async throws {
    let known = try TestServer.client(
      resolver: Phonebook { _ in Array(repeating: "127.0.0.1", count: 10_000) })
    #expect(try await known.request(options("many.example")).status == 200)
    let large = String(repeating: "1", count: 1 << 20)
    let client = try TestServer.client(
      resolver: Phonebook { _ in Array(repeating: large, count: 3000) })
    try await failure(
      .networkFailure, "name not resolved", of: options("many.example"), by: client)
  }

  @Test("Several calls ask it at the same time, and none blocks another")
  func concurrent() async throws {
    let together = 10
    let waiting = NSCondition()
    let count = Shared(0)
    let client = try TestServer.client(
      resolver: Phonebook { _ in
        waiting.withLock {
          count.withLock { $0 += 1 }
          waiting.broadcast()
          let end = Date(timeIntervalSinceNow: 60)
          while count.withLock({ $0 }) < together, waiting.wait(until: end) {}
        }
        return ["127.0.0.1"]
      })
    let (outcomes, continuation) = AsyncStream.makeStream(of: Result<Response, GadgetError>.self)
    for number in 0..<together {
      client.request(try options("n\(number).example")) { continuation.yield($0) }
    }
    for await outcome in outcomes.prefix(together) { #expect(try outcome.get().status == 200) }
    #expect(count.withLock { $0 } == together)
  }

  @Test("Many calls ask it, and each has one outcome, aborted ones too")
  func aborted() async throws {
    let phonebook = Phonebook { host in
      if host.hasPrefix("slow") { Thread.sleep(forTimeInterval: 0.001) }
      return host.hasPrefix("failing") ? [] : ["127.0.0.1"]
    }
    let client = try TestServer.client(resolver: phonebook)
    let calls = 300
    let (outcomes, continuation) = AsyncStream.makeStream(of: Void.self)
    for number in 0..<calls {
      let host = ["slow", "known", "failing"][number % 3] + "\(number).invalid"
      let task = client.request(try options(host)) { _ in continuation.yield() }
      if number.isMultiple(of: 2) { task.abort() }
    }
    var count = 0
    for await _ in outcomes.prefix(calls) { count += 1 }
    #expect(count == calls)
    #expect(client.inFlight == 0)
  }

  @Test("Its time counts as time to connect, and a call that timed out does not wait for it")
  func slow() async throws {
    let isOver = DispatchSemaphore(value: 0)
    defer { isOver.signal() }
    // It blocks for so long that a call that waits for it gets a response, and no timeout.
    let client = try TestServer.client(
      resolver: Phonebook { _ in
        _ = isOver.wait(timeout: .now() + 20)
        return ["127.0.0.1"]
      }
    ) { $0.connectTimeout = 0.1 }
    try await failure(.timedOut, "timeout", of: options("slow.example"), by: client)
  }

  @Test("The engine connects to the address that it has judged")
  func rebinding() async throws {
    let asked = Shared(0)
    let phonebook = Phonebook { _ in
      asked.withLock { $0 += 1 }
      return ["127.0.0.\(asked.withLock { $0 }.isMultiple(of: 2) ? 2 : 1)"]
    }
    let client = try TestServer.client(resolver: phonebook) {
      $0.allowsPrivateAddresses = false
      $0.allowedPrivateNetworks = ["127.0.0.1/32"]
    }
    let options = try options("rebinding.example")
    for call in 1...20 {
      if call.isMultiple(of: 2) {
        try await failure(.prohibited, "private address not allowed", of: options, by: client)
      } else {
        #expect(try await client.request(options).status == 200)
      }
      #expect(asked.withLock { $0 } == call)
    }
  }

  @Test("It is released with its client, and if the configuration is not valid")
  func released() async throws {
    weak var left: Phonebook?
    do {
      let phonebook = Phonebook { _ in ["127.0.0.1"] }
      left = phonebook
      let client = try TestServer.client(resolver: phonebook)
      #expect(try await client.request(options("known.example")).status == 200)
      #expect(left != nil)
    }
    try await TestServer.wait(until: "it is released") { left == nil }
    do {
      let phonebook = Phonebook { _ in [] }
      left = phonebook
      #expect(throws: GadgetConfigurationError.self) {
        try TestServer.client(resolver: phonebook) { $0.maxRedirects = -1 }
      }
    }
    #expect(left == nil)
  }
}
