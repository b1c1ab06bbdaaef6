import Foundation
import GadgetRequest
import Testing

@Suite("A listener of cookie changes")
struct CookieListenerTests {
  let client: GadgetClient
  let jar: CookieJar
  let reported = Shared<[CookieChange]>([])

  init() throws {
    client = try TestServer.client()
    jar = client.cookies
  }

  private func listener() -> CookieListener {
    jar.onChange { [reported] change in reported.withLock { $0.append(change) } }
  }

  private func changes() -> [CookieChange] {
    reported.withLock { changes in
      defer { changes = [] }
      return changes
    }
  }

  @Test("It gets what a response sets and removes, before the call has its outcome")
  func responses() async throws {
    let listener = listener()
    let host = try TestServer.host()
    func own(_ name: String, _ value: String) -> Cookie {
      Cookie(name: name, value: value, domain: host, path: "/")
    }
    try await TestServer.setCookies(["a=1; Path=/", "b=2; Path=/"], by: client)
    #expect(changes() == [.set(own("a", "1")), .set(own("b", "2"))])
    try await TestServer.setCookies(["a=1; Path=/", "b=3; Path=/"], by: client)
    #expect(changes() == [.set(own("b", "3"))])
    try await TestServer.setCookies(["a=; Path=/; Max-Age=0"], by: client)
    #expect(changes() == [.removed(own("a", "1"))])
    listener.cancel()
  }

  @Test("It gets what the host app changes, on the thread of the change and before that returns")
  func host() throws {
    let threads = Shared<Set<ObjectIdentifier>>([])
    let listeners = [
      listener(),
      jar.onChange { _ in
        threads.withLock { _ = $0.insert(ObjectIdentifier(Thread.current)) }
      },
    ]
    let (a, b) = (cookie("a"), cookie("b"))
    try jar.set([a, b])
    #expect(changes() == [.set(a), .set(b)])
    try jar.set([a])
    jar.clear(domain: "example.org")
    #expect(!jar.delete(name: "c", domain: "example.com"))
    #expect(changes() == [])
    jar.setLine("a=2; Path=/", for: "https://example.com/")
    #expect(changes() == [.set(cookie("a", "2"))])
    jar.delete(name: "a", domain: "example.com")
    #expect(changes() == [.removed(cookie("a", "2"))])
    try jar.importJSON(#"[{"name":"b","value":"3","domain":"example.com"}]"#)
    #expect(changes() == [.set(cookie("b", "3"))])
    jar.clear()
    #expect(changes() == [.removed(cookie("b", "3"))])
    #expect(threads.withLock { $0 } == [ObjectIdentifier(Thread.current)])
    for listener in listeners { listener.cancel() }
  }

  @Test("After it is cancelled it gets no change, and another listener still does")
  func cancelled() throws {
    let other = Shared(0)
    let (first, second) = (listener(), jar.onChange { _ in other.withLock { $0 += 1 } })
    try jar.set([cookie("a")])
    first.cancel()
    first.cancel()
    try jar.set([cookie("b")])
    #expect(changes() == [.set(cookie("a"))])
    #expect(other.withLock { $0 } == 2)
    second.cancel()
    try jar.set([cookie("c")])
    #expect(other.withLock { $0 } == 2)
  }

  @Test("After it is released it gets no change")
  func released() throws {
    var held: CookieListener? = listener()
    try jar.set([cookie("a")])
    #expect(held != nil)
    held = nil
    try jar.set([cookie("b")])
    _ = jar.onChange { _ in Issue.record("this listener is released") }
    try jar.set([cookie("c")])
    #expect(changes() == [.set(cookie("a"))])
  }

  @Test("Its closure is released when it is cancelled or released")
  func closure() throws {
    func listen() -> (CookieListener, () -> Bool) {
      let held = Shared(0)
      let listener = jar.onChange { _ in held.withLock { $0 += 1 } }
      return (listener, { [weak held] in held == nil })
    }
    let (cancelled, isReleased) = listen()
    #expect(!isReleased())
    cancelled.cancel()
    #expect(isReleased())

    var held: (CookieListener, () -> Bool)? = listen()
    let isReleasedToo = try #require(held?.1)
    #expect(!isReleasedToo())
    held = nil
    #expect(isReleasedToo())
  }

  @Test("It may read and change the jar, and its changes come after the earlier ones")
  func fromWithin() throws {
    let (jar, reported) = (jar, reported)
    let seen = Shared<[[Cookie]]>([])
    let (a, b) = (cookie("a"), cookie("b"))
    let listener = jar.onChange { change in
      seen.withLock { $0.append(jar.list()) }
      if change == .set(a) { jar.delete(name: "a", domain: "example.com") }
      reported.withLock { $0.append(change) }
    }
    try jar.set([a, b])
    #expect(changes() == [.set(a), .set(b), .removed(a)])
    #expect(seen.withLock { $0 } == [[a, b], [b], [b]])
    listener.cancel()
  }

  @Test("It may cancel itself and others, and they get no change after that")
  func cancelledFromWithin() throws {
    let (listeners, reported) = (Shared<[CookieListener]>([]), Shared(0))
    for _ in 0..<3 {
      let listener = jar.onChange { _ in
        reported.withLock { $0 += 1 }
        for listener in listeners.withLock({ $0 }) { listener.cancel() }
      }
      listeners.withLock { $0.append(listener) }
    }
    try jar.set([cookie("a"), cookie("b")])
    #expect(reported.withLock { $0 } == 1)
  }

  @Test("Its closure may hold other listeners, which end with it")
  func nested() throws {
    var held = listener()
    for _ in 0..<10 {
      let inner = held
      held = jar.onChange { _ in withExtendedLifetime(inner) {} }
    }
    let outer = held
    held = listener()
    try jar.set([cookie("a")])
    #expect(changes() == [.set(cookie("a")), .set(cookie("a"))])
    outer.cancel()
    try jar.set([cookie("b")])
    #expect(changes() == [.set(cookie("b"))])
    withExtendedLifetime(held) {}
  }

  @Test("It gets the changes of many threads in order, one at a time")
  func order() async throws {
    let (jar, reported) = (jar, reported)
    let reporting = Shared(0)
    let listener = jar.onChange { change in
      reporting.withLock { $0 += 1 }
      reported.withLock { $0.append(change) }
      #expect(reporting.withLock { $0 } == 1)
      reporting.withLock { $0 -= 1 }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        let name = "\(task.isMultiple(of: 2))"
        group.addTask {
          for round in 0..<100 {
            let cookie = Cookie(name: name, value: "\(task) \(round)", domain: "example.com")
            try jar.set([cookie])
            if round.isMultiple(of: 10) { jar.delete(name: name, domain: "example.com") }
          }
        }
      }
      try await group.waitForAll()
    }
    // If they are applied one after the other, the result is the jar's content.
    var now: [String: Cookie] = [:]
    for change in changes() {
      switch change {
      case .set(let cookie): now[cookie.name] = cookie
      case .removed(let cookie): #expect(now.removeValue(forKey: cookie.name) == cookie)
      }
    }
    #expect(Set(jar.list()) == Set(now.values))
    listener.cancel()
  }

  @Test("It does not keep its client alive")
  func keepsNoClient() async throws {
    let (outcomes, continuation) = AsyncStream.makeStream(of: GadgetError?.self)
    let listener = try { () throws -> CookieListener in
      let client = try TestServer.client()
      client.request(RequestOptions(try TestServer.url("/fault/silence"))) { outcome in
        continuation.yield(outcome.error)
      }
      return client.cookies.onChange { _ in }
    }()
    expect(try #require(await outcomes.first { _ in true } ?? nil), is: .cancelled, "client closed")
    listener.cancel()
  }

  @Test("The stream of changes buffers changes that come before it is read")
  func stream() async throws {
    let (first, second) = (jar.changes, jar.changes)
    let host = try TestServer.host()
    try jar.set([cookie("a")])
    try await TestServer.setCookies(["b=1"], by: client)
    jar.clear(domain: "example.com")
    let b = Cookie(name: "b", value: "1", domain: host, path: "/cookies")
    for stream in [first, second] {
      var changes: [CookieChange] = []
      for await change in stream.prefix(3) { changes.append(change) }
      #expect(changes == [.set(cookie("a")), .set(b), .removed(cookie("a"))])
    }
  }

  @Test("The stream ends when the task that reads it is cancelled")
  func streamCancelled() async throws {
    let changes = jar.changes
    let (read, continuation) = AsyncStream.makeStream(of: CookieChange.self)
    let task = Task {
      for await change in changes { continuation.yield(change) }
      return Task.isCancelled
    }
    try jar.set([cookie("a")])
    #expect(await read.first { _ in true } == .set(cookie("a")))

    task.cancel()

    #expect(await task.value)
    try jar.set([cookie("b")])
    var after = changes.makeAsyncIterator()
    #expect(await after.next() == nil)
  }

  @Test("A stream can be released, read or not")
  func streamReleased() async throws {
    for _ in 0..<100 {
      _ = jar.changes
      let changes = jar.changes
      try jar.set([cookie("a")])
      for await change in changes {
        #expect(change == .set(cookie("a")))
        break
      }
      jar.clear()
    }
    #expect(jar.list() == [])
  }
}
