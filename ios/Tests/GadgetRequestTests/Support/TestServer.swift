import Foundation
import GadgetRequest
import Testing

/// The test server that scripts/with-server started, and what tests ask of it.
enum TestServer {
  /// What the environment lacks.
  struct Missing: Error {
    let variable: String
    let hint = "run scripts/test-swift"
  }

  /// The requests that carry one name in their query, as the server counts them.
  struct Counters: Decodable {
    let in_flight: Int
    let max_in_flight: Int
    let total: Int
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

  /// A URL of the server's HTTP side.
  static func url(_ path: String) throws -> String {
    try variable("GADGET_HTTP") + path
  }

  /// The configuration of an iOS host that trusts the server and knows it as www.toutiao.com.
  static func configuration() throws -> ClientConfiguration {
    var configuration = ClientConfiguration(document: try variable("GADGET_CONFIG"))
    configuration.platform = .ios
    return configuration
  }

  static func client() throws -> GadgetClient {
    try GadgetClient(configuration: configuration())
  }

  /// A name for the counters that no other test has.
  static func counter() -> String {
    "swift-" + UUID().uuidString
  }

  static func counters(_ name: String) async throws -> Counters {
    let response = try await client().request(RequestOptions(url("/counters/\(name)")))
    return try JSONDecoder().decode(Counters.self, from: response.body)
  }

  /// Lets so many of the requests be answered that `/hold/NAME` holds.
  static func release(_ name: String, _ count: Int = 1) async throws {
    let url = try url("/release/\(name)?count=\(count)")
    #expect(try await client().request(RequestOptions(url)).status == 200)
  }

  /// Returns when so many requests of that name are in flight; fails the test after ten seconds.
  static func wait(
    for inFlight: Int, inFlightOf name: String,
    at location: SourceLocation = #_sourceLocation
  ) async throws {
    try await wait(until: "\(inFlight) of \(name) are in flight", at: location) {
      try await counters(name).in_flight == inFlight
    }
  }

  /// Returns when so many requests of that name have come; fails the test after ten seconds.
  static func wait(
    for total: Int, inAllOf name: String,
    at location: SourceLocation = #_sourceLocation
  ) async throws {
    try await wait(until: "\(total) of \(name) came", at: location) {
      try await counters(name).total == total
    }
  }

  /// Returns when the condition holds; fails the test after ten seconds.
  static func wait(
    until what: String, at location: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
  ) async throws {
    for _ in 0..<1000 {
      if try await condition() { return }
      try await Task.sleep(nanoseconds: 10_000_000)
    }
    Issue.record("waited in vain until \(what)", sourceLocation: location)
  }

  /// Sends options to /echo and gives back what the server received.
  static func echo(_ options: RequestOptions) async throws -> Received {
    let response = try await client().request(options)
    #expect(response.status == 200)
    return try JSONDecoder().decode(Received.self, from: response.body)
  }
}

/// A value that completions change from other threads.
final class Shared<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  init(_ value: Value) { self.value = value }

  func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    try lock.withLock { try body(&value) }
  }
}

/// The error of a call that must fail, checked against the closed list.
@discardableResult
func failure(
  _ errno: Errno, _ detail: String, of options: RequestOptions, by client: GadgetClient? = nil,
  at location: SourceLocation = #_sourceLocation
) async throws -> GadgetError? {
  do {
    let response = try await (client ?? TestServer.client()).request(options)
    Issue.record("a response came: \(response.status)", sourceLocation: location)
    return nil
  } catch let error as GadgetError {
    expect(error, is: errno, detail, at: location)
    return error
  }
}

func expect(
  _ error: GadgetError, is errno: Errno, _ detail: String,
  at location: SourceLocation = #_sourceLocation
) {
  #expect(error.errno == errno, sourceLocation: location)
  #expect(error.detail == detail, sourceLocation: location)
  #expect(error.errString == errno.errString, sourceLocation: location)
  #expect(error.description == "request:fail " + detail, sourceLocation: location)
  #expect(error.localizedDescription == error.description, sourceLocation: location)
  #expect(error.trace.count == 53, sourceLocation: location)
  let isListed = errno.details.contains { detail == $0 || detail.hasPrefix($0 + ": ") }
  #expect(isListed, "\(detail) is not in the table", sourceLocation: location)
}
