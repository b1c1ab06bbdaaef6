import GadgetRequest
import Testing

/// Calls of one client, and what they come to.
final class Calls: Sendable {
  typealias Outcome = Result<Response, GadgetError>

  /// What every call of this value is counted and held under on the server's side.
  let name = TestServer.counter()

  private let outcomes: AsyncStream<Outcome>
  private let continuation: AsyncStream<Outcome>.Continuation

  init() {
    (outcomes, continuation) = AsyncStream.makeStream(of: Outcome.self)
  }

  /// What the server answers once it is released.
  func options() throws -> RequestOptions {
    RequestOptions(try TestServer.url("/hold/\(name)?counter=\(name)"))
  }

  /// Starts so many calls, one after the other.
  @discardableResult
  func start(_ count: Int = 1, by client: GadgetClient) throws -> [RequestTask] {
    let options = try options()
    return (0..<count).map { _ in
      client.request(options) { [continuation] in continuation.yield($0) }
    }
  }

  /// The next outcomes, in the order of their coming.
  func next(_ count: Int = 1) async -> [Outcome] {
    var taken: [Outcome] = []
    for await outcome in outcomes.prefix(count) { taken.append(outcome) }
    return taken
  }

  /// The next outcomes must be responses.
  func expectResponses(_ count: Int, at location: SourceLocation = #_sourceLocation) async throws {
    for outcome in await next(count) {
      #expect(try outcome.get().status == 200, sourceLocation: location)
    }
  }

  /// The next outcomes must be this error.
  func expectErrors(
    _ count: Int, _ errno: Errno, _ detail: String, at location: SourceLocation = #_sourceLocation
  ) async throws {
    for outcome in await next(count) {
      expect(
        try #require(outcome.error, sourceLocation: location), is: errno, detail, at: location)
    }
  }

  /// How many of these calls the server has seen.
  func total() async throws -> Int {
    try await TestServer.counters(name).total
  }
}
