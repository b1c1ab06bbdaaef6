import Foundation
import GadgetRequest
import Testing

@Suite("The gate of a client")
struct GateTests {
  @Test("Of a hundred calls, ten are in flight at a time, and each is sent once")
  func ten() async throws {
    let (client, calls) = (try TestServer.client(), Calls())
    try calls.start(100, by: client)
    expect(client, inFlight: 10, queued: 90)
    try await TestServer.wait(for: 10, inFlightOf: calls.name)

    try await TestServer.release(calls.name, 100)

    try await calls.expectResponses(100)
    let counters = try await TestServer.counters(calls.name)
    #expect(counters.max_in_flight == 10)
    #expect(counters.total == 100)
    expect(client, inFlight: 0, queued: 0)
  }

  @Test("The eleventh call waits until one of the ten has its response")
  func eleventh() async throws {
    let (client, held) = try await full()
    let eleventh = Calls()
    try eleventh.start(by: client)
    expect(client, inFlight: 10, queued: 1)
    #expect(try await eleventh.total() == 0)

    try await TestServer.release(held.name)

    try await held.expectResponses(1)
    expect(client, inFlight: 10, queued: 0)
    try await TestServer.wait(for: 1, inFlightOf: eleventh.name)
    try await TestServer.release(eleventh.name)
    try await eleventh.expectResponses(1)
    expect(client, inFlight: 9, queued: 0)
  }

  @Test("Queued calls are sent in the order in which they were started")
  func order() async throws {
    let (client, held) = try await full()
    var waiting = (0..<5).map { _ in Calls() }
    for calls in waiting { try calls.start(by: client) }
    var last = held
    while let first = waiting.first {
      try await TestServer.release(last.name)
      try await TestServer.wait(for: 1, inFlightOf: first.name)
      last = first
      waiting.removeFirst()
      for calls in waiting { #expect(try await calls.total() == 0) }
      expect(client, inFlight: 10, queued: waiting.count)
    }
  }

  @Test("If the queue is full, a call fails with 111 and sends nothing", arguments: [0, 1, 5])
  func tooMany(maxQueued: Int) async throws {
    let (client, held) = try await full { $0.maxQueued = maxQueued }
    try held.start(maxQueued, by: client)
    let more = Calls()
    let options = try more.options()

    try await failure(.tooManyCalls, "too many requests", of: options, by: client)
    let result = await client.invoke(optionsJSON: #"{"url":"\#(options.url)"}"#)

    #expect(result.json.hasPrefix(#"{"errMsg":"request:fail too many requests","errno":111,"#))
    expect(client, inFlight: 10, queued: maxQueued)
    try await TestServer.release(held.name, 10 + maxQueued)
    try await held.expectResponses(10 + maxQueued)
    #expect(try await more.total() == 0)
  }

  @Test("A queued call that is aborted leaves the queue at once and is never sent")
  func abortedInQueue() async throws {
    let (client, held) = try await full()
    let aborted = Calls()
    let task = try #require(aborted.start(by: client).first)
    try held.start(by: client)
    expect(client, inFlight: 10, queued: 2)

    task.abort()

    expect(client, inFlight: 10, queued: 1)
    try await aborted.expectErrors(1, .cancelled, "abort")
    try await TestServer.release(held.name, 11)
    try await held.expectResponses(11)
    #expect(try await aborted.total() == 0)
  }

  @Test("A call in flight that is aborted gives up its place at once")
  func abortedInFlight() async throws {
    let client = try TestServer.client { $0.maxQueued = 0 }
    let calls = Calls()
    let task = try #require(calls.start(10, by: client).last)
    try await TestServer.wait(for: 10, inFlightOf: calls.name)

    task.abort()

    expect(client, inFlight: 9, queued: 0)
    try calls.start(by: client)
    try await calls.expectErrors(1, .cancelled, "abort")
    try await TestServer.wait(for: 11, inAllOf: calls.name)
    try await TestServer.wait(for: 10, inFlightOf: calls.name)
    expect(client, inFlight: 10, queued: 0)
  }

  @Test("If the task of a queued call is cancelled, the call leaves the queue")
  func cancelled() async throws {
    let (client, held) = try await full()
    let waiting = Calls()
    let options = try waiting.options()
    let task = Task { try await client.request(options) }
    try await TestServer.wait(until: "the call is in the queue") { client.queued == 1 }

    task.cancel()

    await #expect(throws: CancellationError.self) { try await task.value }
    expect(client, inFlight: 10, queued: 0)
    try await TestServer.release(held.name, 10)
    try await held.expectResponses(10)
    #expect(try await waiting.total() == 0)
  }

  @Test("A call that is queued for too long fails with 302 and sends nothing")
  func queueTimeout() async throws {
    let (client, held) = try await full { $0.queueTimeout = 0.05 }
    let waiting = Calls()
    try await failure(.timedOut, "timeout", of: waiting.options(), by: client)
    expect(client, inFlight: 10, queued: 0)
    try await TestServer.release(held.name, 10)
    try await held.expectResponses(10)
    #expect(try await waiting.total() == 0)
  }

  @Test("The time in the queue does not count towards the timeout")
  func timeout() async throws {
    let (client, held) = try await full()
    var options = RequestOptions(try TestServer.url("/echo"))
    options.timeout = 1
    let (outcomes, continuation) = AsyncStream.makeStream(of: Calls.Outcome.self)
    client.request(options) { continuation.yield($0) }

    // This takes longer than the timeout, by the server's clock.
    _ = try await TestServer.client().request(RequestOptions(TestServer.url("/delay/1100")))

    expect(client, inFlight: 10, queued: 1)
    try await TestServer.release(held.name)
    let outcome = try #require(await outcomes.first { _ in true })
    #expect(try outcome.get().status == 200)
  }

  @Test("Shutdown ends queued calls, too")
  func shutdown() async throws {
    let (client, held) = try await full()
    let waiting = Calls()
    try waiting.start(2, by: client)

    client.shutdown()

    expect(client, inFlight: 0, queued: 0)
    try await held.expectErrors(10, .cancelled, "client closed")
    try await waiting.expectErrors(2, .cancelled, "client closed")
    try await TestServer.wait(for: 0, inFlightOf: held.name)
    #expect(try await waiting.total() == 0)
  }

  @Test("Queued calls end when the last reference to their client is released")
  func released() async throws {
    let waiting = Calls()
    let held = try await { () async throws -> Calls in
      let (client, held) = try await full()
      try waiting.start(2, by: client)
      return held
    }()
    try await held.expectErrors(10, .cancelled, "client closed")
    try await waiting.expectErrors(2, .cancelled, "client closed")
    #expect(try await waiting.total() == 0)
  }

  @Test("Offline, queued and new calls fail with 303, and calls in flight go on")
  func offline() async throws {
    let (client, held) = try await full()
    let waiting = Calls()
    try waiting.start(2, by: client)

    client.setOnline(false)

    expect(client, inFlight: 10, queued: 0)
    try await waiting.expectErrors(2, .noNetwork, "offline")
    try await failure(.noNetwork, "offline", of: waiting.options(), by: client)
    try await TestServer.release(held.name, 10)
    try await held.expectResponses(10)
    try await failure(.noNetwork, "offline", of: waiting.options(), by: client)
    #expect(try await waiting.total() == 0)

    client.setOnline(true)

    try waiting.start(by: client)
    try await TestServer.release(waiting.name)
    try await waiting.expectResponses(1)
  }

  @Test("After a change of the network, calls in flight go on, and new calls are made")
  func networkChanged() async throws {
    let (client, held) = try await full()
    let waiting = Calls()
    try waiting.start(2, by: client)

    client.networkChanged()

    expect(client, inFlight: 10, queued: 2)
    try await TestServer.release(held.name, 10)
    try await held.expectResponses(10)
    try await TestServer.release(waiting.name, 2)
    try await waiting.expectResponses(2)
    #expect(try await held.total() == 10)
    #expect(try await waiting.total() == 2)
  }

  @Test("With a grace period of zero, all calls fail with 112 while the app is in the background")
  func background() async throws {
    let (client, held) = try await full { $0.backgroundGrace = 0 }
    let waiting = Calls()
    try waiting.start(2, by: client)

    client.enterBackground()
    client.enterBackground()

    expect(client, inFlight: 0, queued: 0)
    try await held.expectErrors(10, .inBackground, "app in background")
    try await waiting.expectErrors(2, .inBackground, "app in background")
    try await failure(.inBackground, "app in background", of: waiting.options(), by: client)
    try await TestServer.wait(for: 0, inFlightOf: held.name)
    #expect(try await waiting.total() == 0)

    client.enterForeground()

    try waiting.start(by: client)
    try await TestServer.release(waiting.name)
    try await waiting.expectResponses(1)
  }

  @Test("Calls go on during the grace period, and fail after it")
  func grace() async throws {
    let long = try TestServer.client { $0.backgroundGrace = 60 }
    long.enterBackground()
    let response = try await long.request(RequestOptions(TestServer.url("/echo")))
    #expect(response.status == 200)

    let (short, held) = try await full { $0.backgroundGrace = 0.05 }
    short.enterBackground()
    try await held.expectErrors(10, .inBackground, "app in background")
    try await failure(.inBackground, "app in background", of: held.options(), by: short)
  }

  @Test("Without a grace period, the background changes nothing")
  func noGrace() async throws {
    let (client, calls) = try await full()
    try calls.start(by: client)
    client.enterBackground()
    expect(client, inFlight: 10, queued: 1)
    try calls.start(by: client)
    expect(client, inFlight: 10, queued: 2)
    try await TestServer.release(calls.name, 12)
    try await calls.expectResponses(12)
    client.enterForeground()
    try calls.start(by: client)
    try await TestServer.release(calls.name)
    try await calls.expectResponses(1)
  }

  private func expect(
    _ client: GadgetClient, inFlight: Int, queued: Int,
    at location: SourceLocation = #_sourceLocation
  ) {
    #expect(client.inFlight == inFlight, sourceLocation: location)
    #expect(client.queued == queued, sourceLocation: location)
  }

  /// Makes a client with ten calls in flight, which the server holds.
  private func full(
    _ settings: (inout ClientConfiguration) -> Void = { _ in }
  ) async throws -> (GadgetClient, Calls) {
    let (client, calls) = (try TestServer.client(settings), Calls())
    try calls.start(10, by: client)
    try await TestServer.wait(for: 10, inFlightOf: calls.name)
    return (client, calls)
  }
}
