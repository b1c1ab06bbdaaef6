import Foundation
import GadgetRequest
import Testing

@Suite("A listener for cookies")
struct CookieListenerTests {
  let client: GadgetClient
  let jar: CookieJar
  let told = Shared<[CookieChange]>([])

  init() throws {
    client = try TestServer.client()
    jar = client.cookies
  }

  private func cookie(_ name: String, _ value: String = "1") -> Cookie {
    Cookie(name: name, value: value, domain: "example.com")
  }

  private func listener() -> CookieListener {
    jar.onChange { [told] change in told.withLock { $0.append(change) } }
  }

  private func taken() -> [CookieChange] {
    told.withLock { changes in
      defer { changes = [] }
      return changes
    }
  }

  @Test("It is told what a response sets and removes, before the call has its outcome")
  func responses() async throws {
    let listener = listener()
    let host = try TestServer.host()
    func own(_ name: String, _ value: String) -> Cookie {
      Cookie(name: name, value: value, domain: host, path: "/")
    }
    try await TestServer.setCookies(["a=1; Path=/", "b=2; Path=/"], by: client)
    #expect(taken() == [.set(own("a", "1")), .set(own("b", "2"))])
    try await TestServer.setCookies(["a=1; Path=/", "b=3; Path=/"], by: client)
    #expect(taken() == [.set(own("b", "3"))])
    try await TestServer.setCookies(["a=; Path=/; Max-Age=0"], by: client)
    #expect(taken() == [.removed(own("a", "1"))])
    listener.cancel()
  }

  @Test("It is told what the host does, on its thread and before that returns")
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
    #expect(taken() == [.set(a), .set(b)])
    try jar.set([a])
    jar.removeAll(inDomain: "example.org")
    #expect(!jar.delete(name: "c", domain: "example.com"))
    #expect(taken() == [])
    jar.setLine("a=2; Path=/", for: "https://example.com/")
    #expect(taken() == [.set(cookie("a", "2"))])
    jar.delete(name: "a", domain: "example.com")
    #expect(taken() == [.removed(cookie("a", "2"))])
    try jar.importJSON(#"[{"name":"b","value":"3","domain":"example.com"}]"#)
    #expect(taken() == [.set(cookie("b", "3"))])
    jar.removeAll()
    #expect(taken() == [.removed(cookie("b", "3"))])
    #expect(threads.withLock { $0 } == [ObjectIdentifier(Thread.current)])
    for listener in listeners { listener.cancel() }
  }

  @Test("Cancelled it is told nothing more, and another still is")
  func cancelled() throws {
    let other = Shared(0)
    let (first, second) = (listener(), jar.onChange { _ in other.withLock { $0 += 1 } })
    try jar.set([cookie("a")])
    first.cancel()
    first.cancel()
    try jar.set([cookie("b")])
    #expect(taken() == [.set(cookie("a"))])
    #expect(other.withLock { $0 } == 2)
    second.cancel()
    try jar.set([cookie("c")])
    #expect(other.withLock { $0 } == 2)
  }

  @Test("Let go of, it is told nothing more")
  func released() throws {
    var held: CookieListener? = listener()
    try jar.set([cookie("a")])
    #expect(held != nil)
    held = nil
    try jar.set([cookie("b")])
    _ = jar.onChange { _ in Issue.record("nobody holds this one") }
    try jar.set([cookie("c")])
    #expect(taken() == [.set(cookie("a"))])
  }

  @Test("What its closure holds is let go of when it is cancelled or goes itself")
  func closure() throws {
    func listen() -> (CookieListener, () -> Bool) {
      let held = Shared(0)
      let listener = jar.onChange { _ in held.withLock { $0 += 1 } }
      return (listener, { [weak held] in held == nil })
    }
    let (cancelled, isGone) = listen()
    #expect(!isGone())
    cancelled.cancel()
    #expect(isGone())

    var held: (CookieListener, () -> Bool)? = listen()
    let isGoneToo = try #require(held?.1)
    #expect(!isGoneToo())
    held = nil
    #expect(isGoneToo())
  }

  @Test("It may look at the jar and change it, which is told behind what is still to be told")
  func fromWithin() throws {
    let (jar, told) = (jar, told)
    let seen = Shared<[[Cookie]]>([])
    let (a, b) = (cookie("a"), cookie("b"))
    let listener = jar.onChange { change in
      seen.withLock { $0.append(jar.all) }
      if change == .set(a) { jar.delete(name: "a", domain: "example.com") }
      told.withLock { $0.append(change) }
    }
    try jar.set([a, b])
    #expect(taken() == [.set(a), .set(b), .removed(a)])
    #expect(seen.withLock { $0 } == [[a, b], [b], [b]])
    listener.cancel()
  }

  @Test("It may cancel itself and others, and nothing more is told to them")
  func cancelledFromWithin() throws {
    let (listeners, told) = (Shared<[CookieListener]>([]), Shared(0))
    for _ in 0..<3 {
      let listener = jar.onChange { _ in
        told.withLock { $0 += 1 }
        for listener in listeners.withLock({ $0 }) { listener.cancel() }
      }
      listeners.withLock { $0.append(listener) }
    }
    try jar.set([cookie("a"), cookie("b")])
    #expect(told.withLock { $0 } == 1)
  }

  @Test("What its closure holds may end other listeners when it goes")
  func nested() throws {
    var held = listener()
    for _ in 0..<10 {
      let inner = held
      held = jar.onChange { _ in withExtendedLifetime(inner) {} }
    }
    let outer = held
    held = listener()
    try jar.set([cookie("a")])
    #expect(taken() == [.set(cookie("a")), .set(cookie("a"))])
    outer.cancel()
    try jar.set([cookie("b")])
    #expect(taken() == [.set(cookie("b"))])
    withExtendedLifetime(held) {}
  }

  @Test("Changes of many threads are told in their order, one at a time")
  func order() async throws {
    let (jar, told) = (jar, told)
    let telling = Shared(0)
    let listener = jar.onChange { change in
      telling.withLock { $0 += 1 }
      told.withLock { $0.append(change) }
      #expect(telling.withLock { $0 } == 1)
      telling.withLock { $0 -= 1 }
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
    // Applied one after the other, they are what the jar went through.
    var now: [String: Cookie] = [:]
    for change in taken() {
      switch change {
      case .set(let cookie): now[cookie.name] = cookie
      case .removed(let cookie): #expect(now.removeValue(forKey: cookie.name) == cookie)
      }
    }
    #expect(Set(jar.all) == Set(now.values))
    listener.cancel()
  }

  @Test("It does not keep its client")
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

  @Test("Changes are a stream, those kept that come before it is read")
  func stream() async throws {
    let (first, second) = (jar.changes, jar.changes)
    let host = try TestServer.host()
    try jar.set([cookie("a")])
    try await TestServer.setCookies(["b=1"], by: client)
    jar.removeAll(inDomain: "example.com")
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

  @Test("A stream may be let go of, read or not")
  func streamReleased() async throws {
    for _ in 0..<100 {
      _ = jar.changes
      let changes = jar.changes
      try jar.set([cookie("a")])
      for await change in changes {
        #expect(change == .set(cookie("a")))
        break
      }
      jar.removeAll()
    }
    #expect(jar.all == [])
  }
}
