import Foundation
import GadgetRequest
import Testing

/// Keeps what it hears.
private final class Recorder: CallObserver {
  let events = Shared<[CallEvent]>([])

  func onEvent(_ event: CallEvent) {
    events.withLock { $0.append(event) }
  }

  /// Waits until this many calls have ended, and returns all events.
  func all(_ ended: Int = 1) async throws -> [CallEvent] {
    try await TestServer.wait(until: "\(ended) calls have ended") {
      events.withLock { $0.filter { $0.isEnd }.count } == ended
    }
    return events.withLock { $0 }
  }
}

extension CallEvent {
  fileprivate var isEnd: Bool {
    if case .end = step { true } else { false }
  }

  /// The name of the step, in the JSON.
  fileprivate var name: String? {
    let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    return object?["call"] as? String == trace ? object?["event"] as? String : nil
  }
}

@Suite("The observer of a client, and its HAR")
struct ObserverTests {
  @Test("An observer hears each step of a call, and no secrets")
  func steps() async throws {
    let recorder = Recorder()
    let client = try TestServer.client(observer: recorder)
    let options = RequestOptions(
      try TestServer.url("/redirect/302?to=%2Fstatus%2F404"), headers: ["authorization": "secret"])
    let response = try await client.request(options)

    let events = try await recorder.all()

    let (hop, names) = ("connection request head", events.compactMap(\.name))
    #expect(names.joined(separator: " ") == "start dispatched \(hop) redirect \(hop) end")
    for event in events { #expect(event.trace == response.trace && event.dropped == 0) }
    let moments = events.map(\.at)
    #expect(moments == moments.sorted())
    let target = try TestServer.url("/status/404")
    guard case .start("GET", options.url) = events[0].step,
      case .dispatched(1, 0) = events[1].step,
      case .connection(false, "127.0.0.1", _, "http1.1") = events[2].step,
      case .request("GET", options.url, let sent, 0) = events[3].step,
      case .head(302, _) = events[4].step,
      case .redirect(302, target) = events[5].step,
      case .connection(true, _, _, _) = events[6].step,
      case .head(404, let headers) = events[8].step,
      case .end(.success(404), let timing?) = events[9].step
    else {
      Issue.record("other steps: \(events.map(\.json))")
      return
    }
    #expect(sent["authorization"] == "[redacted]")
    #expect(headers == response.headers)
    #expect(timing == response.timing)
  }

  @Test("Every call has one end, refused, queued or aborted")
  func ends() async throws {
    let recorder = Recorder()
    let client = try TestServer.client(observer: recorder)
    let calls = Calls()
    let tasks = try calls.start(11, by: client)
    try await TestServer.wait(for: 10, inFlightOf: calls.name)
    for task in tasks { task.abort() }
    let wrong = RequestOptions("nothing")
    try await failure(
      .invalidParameter, "invalid url: not an absolute URL", of: wrong, by: client)
    let events = try await recorder.all(12)
    let queued = events.filter { if case .queued(0) = $0.step { true } else { false } }
    #expect(queued.map(\.trace) == [tasks[10].trace])
    var details: [String] = []
    for case .end(.failure(let error), _) in events.map(\.step) { details.append(error.detail) }
    #expect(details.filter { $0 == "abort" }.count == 11)
    #expect(details.count == 12)
  }

  @Test("An observer is released after its client and its calls")
  func released() async throws {
    weak var observer: Recorder?
    do {
      let recorder = Recorder()
      observer = recorder
      let client = try TestServer.client(observer: recorder)
      _ = try await client.request(RequestOptions(TestServer.url("/echo")))
    }
    try await TestServer.wait(until: "it is released") { observer == nil }
  }

  @Test("The HAR has the last exchanges, if they are kept")
  func har() async throws {
    let client = try TestServer.client {
      $0.harExchanges = 2
      $0.harBodyBytes = 4
    }
    for status in [200, 201, 404] {
      let url = try TestServer.url("/status/\(status)?body=content")
      _ = try await client.request(RequestOptions(url))
    }
    let har = try JSONSerialization.jsonObject(with: Data(client.har().utf8)) as? [String: Any]
    let log = try #require(har?["log"] as? [String: Any])
    let entries = try #require(log["entries"] as? [[String: Any]])
    let responses = entries.compactMap { $0["response"] as? [String: Any] }
    #expect(log["version"] as? String == "1.2")
    #expect(responses.compactMap { $0["status"] as? Int } == [201, 404])
    let contents = responses.compactMap { $0["content"] as? [String: Any] }
    #expect(contents.compactMap { $0["text"] as? String } == ["cont", "cont"])
    let unasked = try TestServer.client()
    _ = try await unasked.request(RequestOptions(TestServer.url("/echo")))
    #expect(!unasked.har().contains("/echo"))
  }
}
