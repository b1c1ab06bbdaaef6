import Foundation
import GadgetRequest
import Testing

/// What a call has reported, in its order.
private enum Event: Sendable {
  case head(ResponseHead)
  case chunk(Data)
  case outcome(Result<Response, GadgetError>)
}

@Suite("The events of a call")
struct EventTests {
  /// Makes a call, and returns its events up to the outcome.
  private func events(
    of path: String, isChunked: Bool = true, by client: GadgetClient,
    on executor: CompletionExecutor = .engineThreads,
    during: @escaping @Sendable (RequestTask?) -> Void = { _ in }
  ) async throws -> [Event] {
    var options = RequestOptions(try TestServer.url(path))
    options.enablesChunked = isChunked
    let (stream, continuation) = AsyncStream.makeStream(of: Event.self)
    let (started, running) = (Shared<RequestTask?>(nil), Shared(0))
    let keep: @Sendable (Event, () -> Void) -> Void = { event, action in
      running.withLock {
        $0 += 1
        #expect($0 == 1, "two events at once")
      }
      continuation.yield(event)
      action()
      running.withLock { $0 -= 1 }
    }
    started.withLock { task in
      task = client.request(
        options, on: executor,
        onHeadersReceived: { head in keep(.head(head)) {} },
        onChunkReceived: { chunk in
          keep(.chunk(chunk)) { during(started.withLock { $0 }) }
        },
        completion: { result in
          keep(.outcome(result)) {}
          continuation.finish()
        })
    }
    return await stream.reduce(into: []) { $0.append($1) }
  }

  private func bytes(of events: [Event]) -> Data {
    events.reduce(into: Data()) { all, event in
      if case .chunk(let chunk) = event { all += chunk }
    }
  }

  private func outcome(of events: [Event]) throws -> Result<Response, GadgetError> {
    guard case .outcome(let outcome) = try #require(events.last) else {
      throw CancellationError()
    }
    return outcome
  }

  @Test("They come one at a time, in their order and before the outcome, on any executor")
  func order() async throws {
    let client = try TestServer.client()
    let many = DispatchQueue(label: "many", attributes: .concurrent)
    for executor in [.engineThreads, .queue(many), CompletionExecutor.queue(.main)] {
      for path in ["/chunks/300?size=1000", "/coded/gzip,br?zeros=300000"] {
        let whole = try await client.request(RequestOptions(TestServer.url(path)))
        let events = try await events(of: path, by: client, on: executor)
        let response = try outcome(of: events).get()
        guard case .head(let head) = events[0] else { throw CancellationError() }
        #expect(head.status == 200 && head.headers == response.headers)
        #expect(bytes(of: events) == whole.body)
        #expect(response.body.isEmpty)
        for event in events.dropFirst().dropLast() {
          guard case .chunk(let chunk) = event else { throw CancellationError() }
          #expect(!chunk.isEmpty)
        }
      }
    }
  }

  @Test("Without enablesChunked only the head comes, and the response has its body")
  func headOnly() async throws {
    let events = try await events(
      of: "/redirect/302/3", isChunked: false, by: TestServer.client())
    let response = try outcome(of: events).get()
    guard events.count == 2, case .head(let head) = events[0] else { throw CancellationError() }
    #expect(head.headers == response.headers)
    #expect(!response.body.isEmpty)
  }

  @Test("A call of a JavaScript engine gets the head as JSON")
  func invocation() async throws {
    let client = try TestServer.client()
    let url = try TestServer.url("/headers?x-a=1&x-a=2&set-cookie=a%3D1")
    let heads = Shared<[ResponseHead]>([])
    let result = await withCheckedContinuation { continuation in
      client.invoke(
        optionsJSON: #"{"url":"\#(url)","enableChunked":true}"#, on: .engineThreads,
        onHeadersReceived: { head in heads.withLock { $0.append(head) } },
        completion: { continuation.resume(returning: $0) })
    }
    let head = try #require(heads.withLock { $0.count == 1 ? $0.first : nil })
    // The result is the head, and more.
    let begin = try #require(head.json.range(of: #","cookies""#)).lowerBound
    #expect(result.json.hasPrefix(head.json[..<begin]))
    #expect(head.cookies == ["a=1"])
    #expect(head.headers["x-a"] == "1, 2")
  }

  @Test("After an abort within a closure only the failure comes")
  func abort() async throws {
    let client = try TestServer.client()
    for executor in [.engineThreads, CompletionExecutor.queue(.main)] {
      let events = try await events(of: "/bytes/1073741824", by: client, on: executor) { task in
        task?.abort()
      }
      guard events.count == 3, case .head = events[0], case .chunk = events[1] else {
        Issue.record("\(events.count) events")
        continue
      }
      expect(try #require(outcome(of: events).error), is: .cancelled, "abort")
    }
  }

  @Test("An event that was on its way does not come after an abort")
  func onItsWay() async throws {
    let (client, queue) = (try TestServer.client(), DispatchQueue(label: "suspended"))
    let counter = TestServer.counter()
    var options = RequestOptions(try TestServer.url("/bytes/1073741824?counter=\(counter)"))
    options.enablesChunked = true
    let (stream, continuation) = AsyncStream.makeStream(of: Bool.self)
    queue.suspend()
    let task = client.request(
      options, on: .queue(queue),
      onHeadersReceived: { _ in continuation.yield(true) },
      onChunkReceived: { _ in continuation.yield(true) },
      completion: { _ in
        continuation.yield(false)
        continuation.finish()
      })
    #expect(try await TestServer.settled(sentTo: counter) > 0)  // so that the head is on its way
    task.abort()
    try await TestServer.wait(until: "the call has ended") { client.inFlight == 0 }
    queue.resume()
    #expect(await stream.reduce(into: []) { $0.append($1) } == [false])
  }

  @Test("A closure that takes its time slows the server down")
  func slow() async throws {
    let (client, counter) = (try TestServer.client(), TestServer.counter())
    var options = RequestOptions(try TestServer.url("/bytes/1073741824?counter=\(counter)"))
    options.enablesChunked = true
    let queue = DispatchQueue(label: "slow")
    let (stream, continuation) = AsyncStream.makeStream(of: GadgetError?.self)
    let task = client.request(
      options, on: .queue(queue),
      onChunkReceived: { _ in
        queue.suspend()
        continuation.yield(nil)
      },
      completion: { continuation.yield($0.error) })
    var events = stream.makeAsyncIterator()
    _ = await events.next()
    // The next chunk waits in the queue.
    let sent = try await TestServer.settled(sentTo: counter)
    #expect((1...8 << 20).contains(sent), "\(sent) bytes")
    task.abort()
    queue.resume()
    expect(try #require(await events.next() ?? nil), is: .cancelled, "abort")
  }
}
