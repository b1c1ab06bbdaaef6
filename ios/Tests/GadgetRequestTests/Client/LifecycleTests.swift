import Foundation
import GadgetRequest
import Testing

@Suite("The life of a call")
struct LifecycleTests {
  typealias Outcome = Result<Response, GadgetError>

  @Test("If the task is cancelled, the server sees the call end")
  func cancelled() async throws {
    let counter = TestServer.counter()
    let (client, options) = try silence(counter)
    let task = Task { try await client.request(options) }
    try await TestServer.wait(for: 1, inFlightOf: counter)

    task.cancel()

    await #expect(throws: CancellationError.self) { try await task.value }
    try await TestServer.wait(for: 0, inFlightOf: counter)
  }

  @Test("If the task is cancelled before the call starts, nothing is sent")
  func cancelledBefore() async throws {
    let counter = TestServer.counter()
    let (client, options) = try silence(counter)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await client.request(options)
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await TestServer.counters(counter).total == 0)
  }

  @Test("If the task of a JavaScript call is cancelled, the result is the fail object")
  func cancelledInvocation() async throws {
    let counter = TestServer.counter()
    let (client, options) = try silence(counter)
    let task = Task { await client.invoke(optionsJSON: #"{"url":"\#(options.url)"}"#) }
    try await TestServer.wait(for: 1, inFlightOf: counter)

    task.cancel()

    let result = await task.value
    #expect(!result.isSuccess)
    #expect(result.json.hasPrefix(#"{"errMsg":"request:fail abort","errno":301,"#))
    try await TestServer.wait(for: 0, inFlightOf: counter)
  }

  @Test("If the task is cancelled before a JavaScript call starts, the call is aborted")
  func cancelledInvocationBefore() async throws {
    let (client, options) = try silence(TestServer.counter())
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await client.invoke(optionsJSON: #"{"url":"\#(options.url)"}"#)
    }
    #expect(await task.value.json.contains(#""errno":301"#))
  }

  @Test("The completion runs once, on another thread, whatever happens to the task later")
  func once() async throws {
    let client = try TestServer.client()
    let completions = Shared<[ObjectIdentifier]>([])
    let url = try TestServer.url("/echo")
    let (caller, task, outcome) = await withCheckedContinuation {
      (continuation: CheckedContinuation<(ObjectIdentifier, RequestTask, Outcome), Never>) in
      let started = Shared<RequestTask?>(nil)
      let caller = ObjectIdentifier(Thread.current)
      started.withLock { task in
        // The completion takes this lock, so it hangs if it runs within `request`.
        task = client.request(RequestOptions(url), on: .engineThreads) { outcome in
          completions.withLock { $0.append(ObjectIdentifier(Thread.current)) }
          if let task = started.withLock({ $0 }) {
            continuation.resume(returning: (caller, task, outcome))
          }
        }
      }
    }
    #expect(try outcome.get().trace == task.trace)
    task.abort()
    task.abort()
    _ = try await client.request(RequestOptions(url))
    client.shutdown()
    let threads = completions.withLock { $0 }
    #expect(threads.count == 1)
    #expect(!threads.contains(caller))
  }

  @Test("An aborted call fails at once, and the server sees it end")
  func abort() async throws {
    let counter = TestServer.counter()
    let (client, options) = try silence(counter)
    let (outcomes, continuation) = AsyncStream.makeStream(of: Outcome.self)
    let task = client.request(options) { continuation.yield($0) }
    try await TestServer.wait(for: 1, inFlightOf: counter)

    task.abort()
    task.abort()

    let outcome = try #require(await outcomes.first { _ in true })
    expect(try #require(outcome.error), is: .cancelled, "abort")
    #expect(outcome.error?.trace == task.trace)
    try await TestServer.wait(for: 0, inFlightOf: counter)
  }

  @Test("A completion may start and abort calls and shut the client down")
  func fromWithin() async throws {
    let client = try TestServer.client()
    let options = RequestOptions(try TestServer.url("/fault/silence"))
    let url = try TestServer.url("/echo")
    let error: GadgetError? = await withCheckedContinuation { continuation in
      client.request(RequestOptions(url)) { _ in
        client.request(options) { _ in }.abort()
        client.request(options) { continuation.resume(returning: $0.error) }
        client.shutdown()
      }
    }
    expect(try #require(error), is: .cancelled, "client closed")
  }

  @Test("Shutdown ends all calls and refuses later ones")
  func shutdown() async throws {
    let counter = TestServer.counter()
    let (client, options) = try silence(counter)
    let (outcomes, continuation) = AsyncStream.makeStream(of: Outcome.self)
    for _ in 0..<5 { client.request(options) { continuation.yield($0) } }
    let awaited = Task { try await client.request(options) }
    try await TestServer.wait(for: 6, inFlightOf: counter)

    client.shutdown()
    client.shutdown()

    for await outcome in outcomes.prefix(5) {
      expect(try #require(outcome.error), is: .cancelled, "client closed")
    }
    await #expect(throws: GadgetError.self) { try await awaited.value }
    try await failure(.cancelled, "client closed", of: options, by: client)
    try await TestServer.wait(for: 0, inFlightOf: counter)
    #expect(try await TestServer.counters(counter).total == 6)
  }

  @Test("Calls with completions end when the last reference to their client is released")
  func released() async throws {
    let counter = TestServer.counter()
    let (outcomes, continuation) = AsyncStream.makeStream(of: Outcome.self)
    var held: GadgetClient?
    do {
      let (client, options) = try silence(counter)
      client.request(options) { continuation.yield($0) }
      held = client
    }
    try await TestServer.wait(for: 1, inFlightOf: counter)
    #expect(held != nil)
    held = nil
    let outcome = try #require(await outcomes.first { _ in true })
    expect(try #require(outcome.error), is: .cancelled, "client closed")
    try await TestServer.wait(for: 0, inFlightOf: counter)
  }

  @Test("An awaited call keeps its client alive")
  func kept() async throws {
    let response = try await TestServer.client().request(
      RequestOptions(TestServer.url("/delay/100")))
    #expect(response.status == 200)
  }

  private func silence(_ counter: String) throws -> (GadgetClient, RequestOptions) {
    let url = try TestServer.url("/fault/silence?counter=\(counter)")
    return (try TestServer.client(), RequestOptions(url))
  }
}
