import Foundation
import GadgetRequest
import Testing

@Suite("A cookie storage of the host app")
struct CookieStorageTests {
  /// Keeps cookies in memory, and fails if a test sets it to.
  final class Memory: CookieStorage {
    struct State {
      var kept: Data?
      var failsToLoad = false
      var failsToSave = false
      var loads = 0
      var saves = 0
      var setAside: [Data?] = []
    }
    struct Failure: Error {}

    let state: Shared<State>

    init(_ kept: Data? = nil) { state = Shared(State(kept: kept)) }

    func load() throws -> Data? {
      try state.withLock { state in
        state.loads += 1
        if state.failsToLoad { throw Failure() }
        return state.kept
      }
    }

    func save(_ data: Data) throws {
      try state.withLock { state in
        state.saves += 1
        if state.failsToSave { throw Failure() }
        state.kept = data
      }
    }

    func setAside() {
      state.withLock { state in
        state.setAside.append(state.kept)
        state.kept = nil
      }
    }

    subscript<Value>(path: WritableKeyPath<State, Value> & Sendable) -> Value {
      get { state.withLock { $0[keyPath: path] } }
      set { state.withLock { $0[keyPath: path] = newValue } }
    }
  }

  let memory = Memory()

  private func client(_ storage: (any CookieStorage)? = nil) throws -> GadgetClient {
    try TestServer.client(storage: storage ?? memory)
  }

  /// Makes a cookie that is kept, and that expires after the test.
  private func cookie(_ name: String) -> Cookie {
    let expires = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded() + 1000)
    return Cookie(name: name, value: "1", domain: "example.com", expires: expires)
  }

  @Test("The next client gets the cookies, except session cookies")
  func kept() async throws {
    let first = try client()
    try await TestServer.setCookies(["a=1; Path=/; Max-Age=1000", "b=2; Path=/"], by: first)
    #expect(try await TestServer.sentCookies(by: first) == ["a=1; b=2"])
    try first.cookies.save()
    first.shutdown()

    let second = try client()
    #expect(try await TestServer.sentCookies(by: second) == ["a=1"])
    #expect(memory[\.loads] == 2)
    #expect(memory[\.setAside] == [])
  }

  @Test("The engine loads once, when cookies are first needed")
  func loaded() async throws {
    let client = try client()
    _ = client.cookies.onChange { _ in }
    try client.cookies.save()
    #expect(memory[\.loads] == 0)
    #expect(client.cookies.list() == [])
    #expect(try await TestServer.sentCookies(by: client) == [])
    #expect(memory[\.loads] == 1)
    client.shutdown()
    #expect(memory[\.saves] == 0)
  }

  @Test("Changes are saved soon, at once by save(), and after the client is released")
  func saved() async throws {
    var client: GadgetClient? = try client()
    let jar = try #require(client).cookies
    try jar.set([cookie("a")])
    try jar.save()
    #expect(memory[\.saves] == 1)
    try jar.save()
    try jar.set([Cookie(name: "session", value: "1", domain: "example.com")])
    try jar.save()
    #expect(memory[\.saves] == 1)

    try jar.set([cookie("b")])
    try await TestServer.wait(until: "the cookies are saved") { memory[\.saves] == 2 }

    try jar.set([cookie("c")])
    client = nil
    try await TestServer.wait(until: "the cookies are saved") { memory[\.saves] == 3 }
    #expect(client == nil)
    #expect(try self.client().cookies.list().map(\.name) == ["a", "b", "c"])
  }

  @Test("While it fails to load, the engine asks again and saves nothing")
  func failsToLoad() async throws {
    let first = try client()
    try first.cookies.set([cookie("a"), cookie("kept")])
    try first.cookies.save()
    first.shutdown()
    let kept = memory[\.kept]
    memory[\.failsToLoad] = true
    do {
      let second = try client()
      #expect(second.cookies.list() == [])
      try await TestServer.setCookies(["b=1; Path=/; Max-Age=1000"], by: second)
      #expect(try await TestServer.sentCookies(by: second) == ["b=1"])
      var newer = cookie("a")
      newer.value = "2"
      try second.cookies.set([newer])
      #expect(throws: CookieStorageError.self) { try second.cookies.save() }
      second.shutdown()
      // The first client's, and three by the host app; calls ask at most once a second.
      #expect(memory[\.loads] >= 4)
      #expect((memory[\.saves], memory[\.kept]) == (1, kept))

      memory[\.failsToLoad] = false
      let cookies = second.cookies.list().map { $0.name + $0.value }
      #expect(Set(cookies) == ["a2", "b1", "kept1"])
      try second.cookies.save()
    }
    #expect(Set(try client().cookies.list().map(\.name)) == ["a", "b", "kept"])
    #expect(memory[\.setAside] == [])
  }

  @Test("If a save fails, it is an error, the cookies stay, and the next save includes them")
  func failsToSave() async throws {
    memory[\.failsToSave] = true
    let client = try client()
    let a = cookie("a")
    try client.cookies.set([a])
    do {
      try client.cookies.save()
      Issue.record("save() did not throw")
    } catch let error as CookieStorageError {
      #expect(error.description == "the cookies could not be saved")
      #expect(error.localizedDescription == error.description)
    }
    #expect(memory[\.saves] == 1)
    #expect(memory[\.kept] == nil)
    #expect(client.cookies.list() == [a])

    memory[\.failsToSave] = false
    try client.cookies.save()
    #expect(memory[\.kept] != nil)
    #expect(try self.client().cookies.list() == [a])
  }

  @Test("If a folder cannot be written, save() throws; without a folder it does not")
  func folderThatCannotBe() throws {
    let client = try TestServer.client {
      $0.cookieDirectory = URL(fileURLWithPath: "/dev/null/cookies", isDirectory: true)
    }
    try client.cookies.save()
    try client.cookies.set([cookie("a")])
    #expect(throws: CookieStorageError.self) { try client.cookies.save() }

    let without = try TestServer.client().cookies
    try without.set([cookie("a")])
    try without.save()
  }

  @Test("Damaged data is set aside, and the client starts without cookies")
  func damaged() throws {
    let first = try client()
    try first.cookies.set([cookie("a"), cookie("b")])
    try first.cookies.save()
    let whole = try #require(memory[\.kept])
    let damages: [Data] = [
      Data(), Data([0xFF]), whole.dropLast(), whole + [0], Data(whole.reversed()),
      Data(count: 3 << 30),
    ]
    for damaged in damages {
      let memory = Memory(damaged)
      let client = try client(memory)
      #expect(client.cookies.list() == [])
      #expect(client.cookies.list() == [])
      #expect(memory[\.setAside].map(\.?.count) == [damaged.count])
      #expect(memory[\.loads] == 1)
      #expect(memory[\.kept] == nil)
      try client.cookies.set([cookie("c")])
      try client.cookies.save()
      #expect(try self.client(memory).cookies.list().map(\.name) == ["c"])
    }
  }

  @Test("A storage does not need to implement setAside()")
  func setAsideByDefault() throws {
    struct Damaged: CookieStorage {
      let saved: Shared<Data?>
      func load() throws -> Data? { Data("damaged".utf8) }
      func save(_ data: Data) throws { saved.withLock { $0 = data } }
    }
    let storage = Damaged(saved: Shared(nil))
    let client = try client(storage)
    #expect(client.cookies.list() == [])
    try client.cookies.set([cookie("a")])
    try client.cookies.save()
    let saved = try #require(storage.saved.withLock { $0 })
    #expect(try self.client(Memory(saved)).cookies.list().map(\.name) == ["a"])
  }

  @Test("No two saves run at the same time, and the last one has all cookies")
  func concurrentSaves() async throws {
    struct Slow: CookieStorage {
      let memory: Memory
      let saving = Shared(0)
      func load() throws -> Data? { nil }
      func save(_ data: Data) throws {
        saving.withLock { $0 += 1 }
        defer { saving.withLock { $0 -= 1 } }
        Thread.sleep(forTimeInterval: 0.01)
        #expect(saving.withLock { $0 } == 1)
        try memory.save(data)
      }
    }
    let client = try client(Slow(memory: memory))
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<20 {
        group.addTask {
          #expect(throws: Never.self) { try client.cookies.set([cookie("\(number)")]) }
          #expect(throws: Never.self) { try client.cookies.save() }
        }
      }
    }
    try client.cookies.save()
    #expect((1...20).contains(memory[\.saves]))
    #expect(try self.client().cookies.list().count == 20)
  }

  @Test("It replaces the folder")
  func folder() throws {
    let folder = temporaryFolder()
    let client = try TestServer.client(storage: memory) { $0.cookieDirectory = folder }
    try client.cookies.set([cookie("a")])
    try client.cookies.save()
    #expect(memory[\.kept] != nil)
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test("It is released if the configuration is not valid")
  func wrongConfiguration() throws {
    weak var left: Memory?
    do {
      let memory = Memory()
      left = memory
      let wrong = ClientConfiguration(document: #"{"colour":1}"#)
      #expect(throws: GadgetConfigurationError.self) {
        try GadgetClient(configuration: wrong, cookieStorage: memory)
      }
      #expect(memory[\.loads] == 0)
    }
    #expect(left == nil)
  }

  @Test("It is released with its client, after the client has saved")
  func released() async throws {
    weak var left: Memory?
    do {
      let memory = Memory()
      left = memory
      let client = try client(memory)
      try client.cookies.set([cookie("a")])
    }
    try await TestServer.wait(until: "it is released") { left == nil }
  }
}
