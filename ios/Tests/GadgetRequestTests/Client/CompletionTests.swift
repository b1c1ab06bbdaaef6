import Foundation
import GadgetRequest
import Testing

/// A host app's actor, which keeps what completions bring.
private actor MiniProgram {
  private(set) var statuses: [Int] = []

  func settle(_ status: Int) {
    statuses.append(status)
  }
}

@Suite("The place where a completion runs")
struct CompletionTests {
  @Test("Without a choice, it is the main actor")
  func main() async throws {
    let client = try TestServer.client()
    let url = try TestServer.url("/status/204")
    let status = await withCheckedContinuation { continuation in
      client.request(RequestOptions(url)) { result in
        MainActor.assertIsolated()
        dispatchPrecondition(condition: .onQueue(.main))
        continuation.resume(returning: try? result.get().status)
      }
    }
    #expect(status == 204)
    let isSuccess = await withCheckedContinuation { continuation in
      client.invoke(optionsJSON: #"{"url":"\#(url)"}"#) { result in
        MainActor.assertIsolated()
        dispatchPrecondition(condition: .onQueue(.main))
        continuation.resume(returning: result.isSuccess)
      }
    }
    #expect(isSuccess)
  }

  @Test("It is the queue of the host app, which gets them in the order of their ends")
  func queue() async throws {
    let client = try TestServer.client()
    let queue = DispatchQueue(label: "completions")
    let (outcomes, continuation) = AsyncStream.makeStream(of: Int.self)
    for status in [201, 202] {
      let options = RequestOptions(try TestServer.url("/status/\(status)"))
      let delayed = RequestOptions(try TestServer.url("/delay/200"))
      client.request(status == 201 ? delayed : options, on: .queue(queue)) { result in
        dispatchPrecondition(condition: .onQueue(queue))
        continuation.yield((try? result.get().status) ?? 0)
      }
    }
    var came: [Int] = []
    for await status in outcomes.prefix(2) { came.append(status) }
    #expect(came == [202, 200])
    let isSuccess = await withCheckedContinuation { continuation in
      client.invoke(optionsJSON: "", on: .queue(queue)) { result in
        dispatchPrecondition(condition: .onQueue(queue))
        continuation.resume(returning: result.isSuccess)
      }
    }
    #expect(!isSuccess)
  }

  @Test("A queue that is suspended keeps a completion until it is resumed")
  func suspended() async throws {
    let client = try TestServer.client()
    let queue = DispatchQueue(label: "suspended")
    let count = Shared(0)
    let (outcomes, continuation) = AsyncStream.makeStream(of: Void.self)
    queue.suspend()
    client.request(RequestOptions(""), on: .queue(queue)) { _ in
      count.withLock { $0 += 1 }
      continuation.yield()
    }
    try await TestServer.wait(until: "the call has ended") { client.inFlight == 0 }
    _ = try await client.request(RequestOptions(TestServer.url("/status/200")))
    #expect(count.withLock { $0 } == 0)

    queue.resume()

    #expect(await outcomes.first { _ in true } != nil)
    #expect(count.withLock { $0 } == 1)
  }

  @Test("It is an actor of the host app, which the completion gets")
  func actor() async throws {
    let (client, miniProgram) = (try TestServer.client(), MiniProgram())
    let options = RequestOptions(try TestServer.url("/status/201"))
    await withCheckedContinuation { continuation in
      client.request(options, on: miniProgram) { miniProgram, result in
        miniProgram.settle((try? result.get().status) ?? 0)
        continuation.resume()
      }
    }
    await withCheckedContinuation { continuation in
      client.invoke(optionsJSON: "{}", on: miniProgram) { miniProgram, result in
        miniProgram.settle(result.isSuccess ? 200 : 104)
        continuation.resume()
      }
    }
    #expect(await miniProgram.statuses == [201, 104])
  }

  @Test("On the engine's threads it is neither the main thread nor the caller's")
  func engineThreads() async throws {
    let client = try TestServer.client()
    let (caller, place, isMain) = await withCheckedContinuation { continuation in
      let caller = ObjectIdentifier(Thread.current)
      client.request(RequestOptions(""), on: .engineThreads) { _ in
        let place = ObjectIdentifier(Thread.current)
        continuation.resume(returning: (caller, place, Thread.isMainThread))
      }
    }
    #expect(place != caller)
    #expect(!isMain)
  }

  @Test("Ten calls with completions on the main actor have one outcome each after an abort")
  func abort() async throws {
    let (client, name) = (try TestServer.client(), TestServer.counter())
    let url = try TestServer.url("/fault/silence?counter=\(name)")
    let (outcomes, continuation) = AsyncStream.makeStream(of: GadgetError?.self)
    let tasks = (0..<10).map { _ in
      client.request(RequestOptions(url)) { continuation.yield($0.error) }
    }
    for task in tasks { task.abort() }
    for await error in outcomes.prefix(10) { expect(try #require(error), is: .cancelled, "abort") }
  }
}
