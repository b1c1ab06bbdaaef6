import Foundation
import GadgetRequest
import Testing

/// The test server that scripts/with-server started.
enum TestServer {
  /// A variable that the environment lacks.
  struct Missing: Error {
    let variable: String
    let hint = "run scripts/test-swift"
  }

  /// The server's count of the requests that have one name in their query.
  struct Counters: Decodable {
    let in_flight: Int
    let max_in_flight: Int
    let total: Int
    /// The bytes of long bodies.
    let sent: Int
  }

  /// A request as the server received it.
  struct Received: Decodable {
    let method: String
    let target: String
    let headers: [[String]]
    let body_base64: String

    var body: Data { Data(base64Encoded: body_base64) ?? Data() }

    func values(of name: String) -> [String] {
      headers.filter { $0[0].lowercased() == name }.map { $0[1] }
    }
  }

  static func variable(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[name] else {
      throw Missing(variable: name)
    }
    return value
  }

  /// Makes a URL of the server's HTTP side.
  static func url(_ path: String) throws -> String {
    try variable("GADGET_HTTP") + path
  }

  /// Makes an iOS configuration that trusts the server and finds it as www.toutiao.com.
  static func configuration() throws -> ClientConfiguration {
    var configuration = ClientConfiguration(document: try variable("GADGET_CONFIG"))
    configuration.platform = .ios
    return configuration
  }

  /// Makes a client that can reach the server, with these settings.
  static func client(
    storage: (any CookieStorage)? = nil, resolver: (any HostResolver)? = nil,
    proxySelector: (any ProxySelector)? = nil,
    observer: (any CallObserver)? = nil,
    _ change: (inout ClientConfiguration) throws -> Void = { _ in }
  ) throws -> GadgetClient {
    var configuration = try configuration()
    try change(&configuration)
    return try GadgetClient(
      configuration: configuration, cookieStorage: storage, resolver: resolver,
      proxySelector: proxySelector, observer: observer)
  }

  /// Makes a name for the counters that no other test has.
  static func counter() -> String {
    "swift-" + UUID().uuidString
  }

  static func counters(_ name: String) async throws -> Counters {
    let response = try await client().request(RequestOptions(url("/counters/\(name)")))
    return try JSONDecoder().decode(Counters.self, from: response.body)
  }

  /// Lets the server answer this many of the requests that `/hold/NAME` holds.
  static func release(_ name: String, _ count: Int = 1) async throws {
    let url = try url("/release/\(name)?count=\(count)")
    #expect(try await client().request(RequestOptions(url)).status == 200)
  }

  /// Waits until this many requests of that name are in flight; fails after ten seconds.
  static func wait(
    for inFlight: Int, inFlightOf name: String,
    at location: SourceLocation = #_sourceLocation
  ) async throws {
    try await wait(until: "\(inFlight) of \(name) are in flight", at: location) {
      try await counters(name).in_flight == inFlight
    }
  }

  /// Waits until this many requests of that name have come; fails after ten seconds.
  static func wait(
    for total: Int, inAllOf name: String,
    at location: SourceLocation = #_sourceLocation
  ) async throws {
    try await wait(until: "\(total) of \(name) came", at: location) {
      try await counters(name).total == total
    }
  }

  /// Waits until the condition holds; fails after ten seconds.
  static func wait(
    until what: String, isolation: isolated (any Actor)? = #isolation,
    at location: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
  ) async throws {
    for _ in 0..<1000 {
      if try await condition() { return }
      try await Task.sleep(nanoseconds: 10_000_000)
    }
    Issue.record("this did not happen in ten seconds: \(what)", sourceLocation: location)
  }

  /// Waits until the server sends no more to the requests of that name; returns how many bytes it
  /// has sent.
  static func settled(sentTo name: String) async throws -> Int {
    var (sent, unchanged) = (try await counters(name).sent, 0)
    while unchanged < 20 {
      try await Task.sleep(nanoseconds: 20_000_000)
      let before = sent
      sent = try await counters(name).sent
      unchanged = sent == before ? unchanged + 1 : 0
    }
    return sent
  }

  /// Makes a call to /echo and returns what the server received.
  static func echo(_ options: RequestOptions) async throws -> Received {
    let response = try await client().request(options)
    #expect(response.status == 200)
    return try JSONDecoder().decode(Received.self, from: response.body)
  }
}
