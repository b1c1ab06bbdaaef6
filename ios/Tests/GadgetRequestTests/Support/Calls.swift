import GadgetRequest
import Testing

/// The calls of a test under one name, and their outcomes.
final class Calls: Sendable {
  typealias Outcome = Result<Response, GadgetError>

  /// The server counts and holds the calls under this name.
  let name = TestServer.counter()

  private let outcomes: AsyncStream<Outcome>
  private let continuation: AsyncStream<Outcome>.Continuation

  init() {
    (outcomes, continuation) = AsyncStream.makeStream(of: Outcome.self)
  }

  /// Makes the options of a call that the server holds until it is released.
  func options() throws -> RequestOptions {
    RequestOptions(try TestServer.url("/hold/\(name)?counter=\(name)"))
  }

  /// Starts this many calls, one after the other.
  @discardableResult
  func start(_ count: Int = 1, by client: GadgetClient) throws -> [RequestTask] {
    let options = try options()
    return (0..<count).map { _ in
      client.request(options) { [continuation] in continuation.yield($0) }
    }
  }

  /// Waits for the next outcomes and returns them in the order in which they come.
  func next(_ count: Int = 1) async -> [Outcome] {
    var taken: [Outcome] = []
    for await outcome in outcomes.prefix(count) { taken.append(outcome) }
    return taken
  }

  /// Expects that the next outcomes are responses.
  func expectResponses(_ count: Int, at location: SourceLocation = #_sourceLocation) async throws {
    for outcome in await next(count) {
      #expect(try outcome.get().status == 200, sourceLocation: location)
    }
  }

  /// Expects that the next outcomes are this error.
  func expectErrors(
    _ count: Int, _ errno: Errno, _ detail: String, at location: SourceLocation = #_sourceLocation
  ) async throws {
    for outcome in await next(count) {
      expect(
        try #require(outcome.error, sourceLocation: location), is: errno, detail, at: location)
    }
  }

  /// Returns how many of these calls the server has received.
  func total() async throws -> Int {
    try await TestServer.counters(name).total
  }
}
