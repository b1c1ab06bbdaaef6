import Foundation
import GadgetRequest
import Testing

import func GadgetRequestGenerated.heldObjects

@Suite("Many requests")
struct ManyTests {
  /// How a call ended.
  enum Ending { case response, aborted, other }

  typealias Report = @Sendable (Ending) -> Void

  /// Calls that run at the same time. Ten are in flight; most wait, or are aborted, in the queue.
  static let concurrent = 50

  @Test("Each of a hundred thousand requests has one outcome, with aborts at random times")
  func outcomes() async throws {
    let requests = 100_000
    let given = ProcessInfo.processInfo.environment["GADGET_SEED"].flatMap(UInt64.init)
    let seed = given ?? .random(in: 0...UInt64(UInt32.max))
    print("many: \(requests) requests, seed \(seed) (GADGET_SEED)")
    var random = SplitMix64(state: seed)
    var client: GadgetClient? = try TestServer.client()
    let closures = Shared(0)
    let options = RequestOptions(try TestServer.url("/bytes/100"))
    let (endings, continuation) = AsyncStream.makeStream(of: (Int, Ending).self)
    var ended = endings.makeAsyncIterator()
    var counts = Array(repeating: 0, count: requests)
    var totals: [Ending: Int] = [:]
    var running: [Int: @Sendable () -> Void] = [:]
    var mostInFlight = 0

    func next() async throws {
      let (call, ending) = try #require(await ended.next())
      counts[call] += 1
      totals[ending, default: 0] += 1
      running[call] = nil
    }
    for call in 0..<requests {
      guard let client else { return }
      let counted = Counted(by: closures)
      let report: Report = { ending in
        withExtendedLifetime(counted) { _ = continuation.yield((call, ending)) }
      }
      running[call] =
        call.isMultiple(of: 2)
        ? start(options, by: client, report) : waiting(options, by: client, report)
      mostInFlight = max(mostInFlight, client.inFlight)
      // Aborts any call: one that was just started, or one that runs for long.
      if Bool.random(using: &random) {
        running.keys.sorted().randomElement(using: &random).flatMap { running[$0] }?()
      }
      while running.count >= Self.concurrent { try await next() }
    }
    while !running.isEmpty { try await next() }
    #expect(client?.inFlight == 0)
    #expect(client?.queued == 0)
    client?.shutdown()
    continuation.finish()
    #expect(await ended.next() == nil, "an outcome came twice")
    client = nil
    // scripts/test-swift runs this test by itself.
    try await TestServer.wait(until: "no object of the engine and no closure is left") {
      heldObjects() == 0 && closures.withLock { $0 } == 0
    }

    print("many: \(totals[.response] ?? 0) responses, \(totals[.aborted] ?? 0) aborted")
    #expect(counts.allSatisfy { $0 == 1 })
    #expect(mostInFlight == 10)
    #expect(totals[.other] == nil)
    #expect(totals[.response, default: 0] > 0)
    #expect(totals[.aborted, default: 0] > 0)
  }

  /// Counts those that live.
  private final class Counted: Sendable {
    private let count: Shared<Int>

    init(by count: Shared<Int>) {
      self.count = count
      count.withLock { $0 += 1 }
    }

    deinit {
      count.withLock { $0 -= 1 }
    }
  }

  /// Starts a call with a completion, and returns a function that aborts it.
  private func start(
    _ options: RequestOptions, by client: GadgetClient, _ report: @escaping Report
  ) -> @Sendable () -> Void {
    let task = client.request(options, on: .engineThreads) { outcome in
      switch outcome {
      case .success: report(.response)
      case .failure(let error): report(error.detail == "abort" ? .aborted : .other)
      }
    }
    return { task.abort() }
  }

  /// Starts a task that awaits a call, and returns a function that cancels it.
  private func waiting(
    _ options: RequestOptions, by client: GadgetClient, _ report: @escaping Report
  ) -> @Sendable () -> Void {
    let task = Task {
      do {
        _ = try await client.request(options)
        report(.response)
      } catch {
        report(error is CancellationError ? .aborted : .other)
      }
    }
    return { task.cancel() }
  }
}

/// A random generator that repeats its numbers for the same seed.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
