import Foundation
import GadgetRequest
import Testing

@Suite("A streamed response")
struct StreamTests {
  /// What waits in the engine, in the window of a stream and in the buffers of the systems of both
  /// sides: 4 MiB are the server's own.
  private static let mostSent = 8 << 20

  private let origins: [String]

  init() throws {
    origins = [try TestServer.url(""), "https://www.toutiao.com"]
  }

  private func bytes(of response: StreamedResponse) async throws -> Data {
    var all = Data()
    for try await chunk in response.body {
      #expect(!chunk.isEmpty)
      all += chunk
    }
    return all
  }

  /// The error of a call to this path, whenever it comes.
  private func failure(_ path: String, by client: GadgetClient) async throws -> GadgetError {
    try await caught {
      _ = try await bytes(of: client.stream(RequestOptions(TestServer.url(path))))
    }
  }

  /// The error that this must throw.
  private func caught(_ work: () async throws -> Void) async throws -> GadgetError {
    var caught: GadgetError?
    do { try await work() } catch let error as GadgetError { caught = error }
    return try #require(caught)
  }

  @Test("The chunks are the body, decoded and in order, over both versions of HTTP")
  func chunks() async throws {
    let client = try TestServer.client()
    let paths = [
      "/bytes/300000", "/coded/gzip?zeros=300000", "/coded/br?body=text",
      "/coded/gzip,br?zeros=300000", "/chunks/300?size=1000", "/bytes/0",
    ]
    for url in origins.flatMap({ origin in paths.map { origin + $0 } }) {
      let whole = try await client.request(RequestOptions(url))
      let response = try await client.stream(RequestOptions(url))
      #expect(response.status == 200)
      #expect(response.head.headers == whole.headers)
      #expect(try await bytes(of: response) == whole.body, "\(url)")
      #expect(response.timing?.responseEnd != nil)
      #expect(response.trace.count == 53)
      #expect(client.inFlight == 0)
    }
  }

  @Test("The head is there before the body, and releasing the response ends the call")
  func head() async throws {
    let (client, counter) = (try TestServer.client(), TestServer.counter())
    do {
      let url = try TestServer.url("/fault/silence-in-body?counter=\(counter)")
      let response = try await client.stream(RequestOptions(url))
      #expect(response.head.headers["content-length"] == "1000")
      #expect(client.inFlight == 1)
      withExtendedLifetime(response) {}
    }
    #expect(client.inFlight == 0)
    try await TestServer.wait(for: 0, inFlightOf: counter)
    let url = try TestServer.url("/status/404?body=gone")
    let response = try await client.stream(RequestOptions(url))
    #expect(response.status == 404)
    #expect(try await bytes(of: response) == Data("gone".utf8))
  }

  @Test("A loop that takes its time slows the server down, and loses nothing")
  func slow() async throws {
    let client = try TestServer.client()
    let pattern = Array("0123456789abcdef".utf8)
    for origin in origins {
      let counter = TestServer.counter()
      let url = "\(origin)/bytes/1073741824?counter=\(counter)"
      var (read, isRight) = (0, true)
      for try await chunk in try await client.stream(RequestOptions(url)).body {
        if read == 0 {
          let sent = try await TestServer.settled(sentTo: counter)
          print("\(origin): \(sent) bytes sent to a loop that waits")
          #expect((1...Self.mostSent).contains(sent))
        }
        chunk.withUnsafeBytes { bytes in
          for byte in bytes {
            isRight = isRight && byte == pattern[read % pattern.count]
            read += 1
          }
        }
        // As the loop goes on, the server goes on with it.
        if read >= 2 * Self.mostSent { break }
      }
      #expect(isRight && read >= 2 * Self.mostSent)
      try await TestServer.wait(for: 0, inFlightOf: counter)
      #expect(try await TestServer.counters(counter).sent <= read + Self.mostSent)
    }
  }

  @Test("A loop that is left aborts the call, even if the response is kept")
  func left() async throws {
    let (client, counter) = (try TestServer.client(), TestServer.counter())
    let url = try TestServer.url("/bytes/1073741824?counter=\(counter)")
    let response = try await client.stream(RequestOptions(url))
    for try await _ in response.body { break }
    #expect(client.inFlight == 0)
    try await TestServer.wait(for: 0, inFlightOf: counter)
    #expect(response.timing == nil)
    let again = try await caught { _ = try await bytes(of: response) }
    #expect(again.detail == "abort")
  }

  @Test("Cancelling the task aborts the call, before the head and within the body")
  func cancelled() async throws {
    let client = try TestServer.client()
    for fault in ["silence", "silence-in-body"] {
      let counter = TestServer.counter()
      let options = RequestOptions(try TestServer.url("/fault/\(fault)?counter=\(counter)"))
      let task = Task { try await bytes(of: client.stream(options)) }
      try await TestServer.wait(for: 1, inFlightOf: counter)
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(client.inFlight == 0)
      try await TestServer.wait(for: 0, inFlightOf: counter)
    }
  }

  @Test("If the task is cancelled before the call starts, nothing is sent")
  func cancelledBefore() async throws {
    let (client, counter) = (try TestServer.client(), TestServer.counter())
    let options = RequestOptions(try TestServer.url("/echo?counter=\(counter)"))
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await bytes(of: client.stream(options))
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await TestServer.counters(counter).total == 0)
  }

  @Test("A failure within the body comes after what has arrived")
  func failureWithin() async throws {
    let client = try TestServer.client()
    let failure = try await failure("/fault/half-body", by: client)
    expect(failure, is: .networkFailure, "body cut short")
    #expect(failure.timing != nil)
    expect(
      try await self.failure("/coded/gzip?zeros=9000&cut=9", by: client), is: .networkFailure,
      "bad content coding")
  }

  @Test("A call without a response throws before there is one")
  func failureBefore() async throws {
    let client = try TestServer.client()
    let refused = try await caught { _ = try await client.stream(RequestOptions("nothing")) }
    #expect(refused.errno == .invalidParameter)
    client.shutdown()
    expect(try await failure("/echo", by: client), is: .cancelled, "client closed")
  }

  @Test("The limit of a streamed body is its own")
  func limit() async throws {
    let client = try TestServer.client {
      $0.maxBodyBytes = 1000
      $0.maxStreamedBytes = 20_000
    }
    let url = try TestServer.url("/bytes/20000")
    #expect(try await bytes(of: client.stream(RequestOptions(url))).count == 20_000)
    expect(try await failure("/bytes/20001", by: client), is: .networkFailure, "body too large")
  }

  @Test("A client that nobody holds lives as long as its stream")
  func client() async throws {
    func start() async throws -> StreamedResponse {
      let url = try TestServer.url("/chunks/5?size=1000&pause=20")
      return try await TestServer.client().stream(RequestOptions(url))
    }
    #expect(try await bytes(of: start()).count == 5000)
  }

  @Test("A hundred streams wait without a thread")
  func many() async throws {
    let client = try TestServer.client()
    let options = RequestOptions(try TestServer.url("/chunks/20?size=1000"))
    let sizes = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<100 {
        group.addTask { try await bytes(of: client.stream(options)).count }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(sizes == Array(repeating: 20_000, count: 100))
  }
}
