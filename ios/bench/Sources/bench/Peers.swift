import Foundation
import GadgetRequest

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A library that makes requests.
protocol Peer: Sendable {
  /// Makes a number of requests, some of them at a time, and reads the text of each response.
  func get(_ url: String, _ requests: Int, _ inFlight: Int) async
}

/// This library, with completions.
final class Gadget: Peer {
  private let client: GadgetClient

  init() throws {
    client = try GadgetClient(configuration: ClientConfiguration(document: "{}"))
  }

  func get(_ url: String, _ requests: Int, _ inFlight: Int) async {
    await Turns(requests, inFlight).run { [client] next in
      client.request(RequestOptions(url), on: .engineThreads) { outcome in
        guard case .success(let response) = outcome, response.status == 200,
          response.headers["content-type"] != nil, let text = response.text
        else { fatalError("\(outcome)") }
        precondition(!text.isEmpty)
        next()
      }
    }
  }
}

/// This library, with tasks that await.
final class AwaitedGadget: Peer {
  private let client: GadgetClient

  init() throws {
    client = try GadgetClient(configuration: ClientConfiguration(document: "{}"))
  }

  func get(_ url: String, _ requests: Int, _ inFlight: Int) async {
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<inFlight {
        group.addTask { [client] in
          for _ in 0..<(requests / inFlight) {
            guard let response = try? await client.request(RequestOptions(url)),
              response.status == 200, response.headers["content-type"] != nil,
              let text = response.text
            else { fatalError("no response") }
            precondition(!text.isEmpty)
          }
        }
      }
    }
  }
}

/// URLSession, with as many connections.
final class Session: Peer {
  private let session: URLSession

  init() {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpMaximumConnectionsPerHost = 10
    configuration.urlCache = nil
    session = URLSession(configuration: configuration)
  }

  func get(_ url: String, _ requests: Int, _ inFlight: Int) async {
    guard let url = URL(string: url) else { fatalError("no URL") }
    await Turns(requests, inFlight).run { [session] next in
      session.dataTask(with: url) { data, response, error in
        guard let response = response as? HTTPURLResponse, response.statusCode == 200,
          response.value(forHTTPHeaderField: "content-type") != nil, let data,
          let text = String(data: data, encoding: .utf8)
        else { fatalError("\(String(describing: error))") }
        precondition(!text.isEmpty)
        next()
      }.resume()
    }
  }
}

/// Counts requests of which each starts the next one, so that no other thread wakes up for it.
final class Turns: @unchecked Sendable {
  private let lock = NSLock()
  private var left: Int
  private var running: Int

  init(_ requests: Int, _ inFlight: Int) {
    (left, running) = (requests, inFlight)
  }

  /// Runs `start` for each request; it calls its argument when the request has ended.
  func run(_ start: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      @Sendable func next() {
        let (isLeft, isLast) = lock.withLock {
          if left > 0 {
            left -= 1
            return (true, false)
          }
          running -= 1
          return (false, running == 0)
        }
        if isLeft { start(next) }
        if isLast { continuation.resume() }
      }
      for _ in 0..<running { next() }
    }
  }
}
