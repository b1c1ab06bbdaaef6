#if canImport(UIKit)
  import Foundation
  import GadgetRequest
  import Testing
  import UIKit

  // One after the other, because the app is the same for all.
  @Suite("An observer of the foreground", .serialized)
  @MainActor
  struct ForegroundObserverTests {
    /// Counts its saves.
    private struct Storage: CookieStorage {
      let saves = Shared<Int>(0)

      func load() -> Data? { nil }

      func save(_ data: Data) { saves.withLock { $0 += 1 } }
    }

    private func client(_ storage: (any CookieStorage)? = nil) throws -> GadgetClient {
      try TestServer.client(storage: storage) { $0.backgroundGrace = 0 }
    }

    private func post(_ name: NSNotification.Name) {
      NotificationCenter.default.post(name: name, object: nil)
    }

    private func status(by client: GadgetClient) async throws -> Int {
      try await client.request(RequestOptions(TestServer.url("/status/200"))).status
    }

    private func expectBackground(_ client: GadgetClient) async throws {
      let options = RequestOptions(try TestServer.url("/status/200"))
      try await failure(.inBackground, "app in background", of: options, by: client)
    }

    @Test("Clients are in the background while the app is, and a new one at once")
    func background() async throws {
      let observer = ForegroundObserver()
      let (first, second) = (try client(), try client())
      observer.add(first)
      #expect(try await status(by: first) == 200)

      post(UIApplication.didEnterBackgroundNotification)
      observer.add(second)
      try await expectBackground(first)
      try await expectBackground(second)

      post(UIApplication.willEnterForegroundNotification)
      #expect(try await status(by: first) == 200)
      #expect(try await status(by: second) == 200)
    }

    @Test("Cookies are saved when the app enters the background, sooner than by the engine")
    func saved() async throws {
      let (observer, storage) = (ForegroundObserver(), Storage())
      let client = try client(storage)
      observer.add(client)
      let (start, expires) = (Date(), Date(timeIntervalSinceNow: 1000))
      for value in 0..<20 {
        let before = storage.saves.withLock { $0 }
        try client.cookies.set([
          Cookie(name: "a", value: "\(value)", domain: "example.com", expires: expires)
        ])
        post(UIApplication.didEnterBackgroundNotification)
        try await TestServer.wait(until: "they are saved") {
          storage.saves.withLock { $0 > before }
        }
        post(UIApplication.willEnterForegroundNotification)
      }
      // The engine saves half a second after a change.
      #expect(Date().timeIntervalSince(start) < 10)
      withExtendedLifetime(observer) {}
    }

    @Test("A client that is removed counts as in the foreground, and so do all in the end")
    func removed() async throws {
      let (first, second) = (try client(), try client())
      do {
        let observer = ForegroundObserver()
        observer.add(first)
        observer.add(second)
        post(UIApplication.didEnterBackgroundNotification)
        observer.remove(first)
        #expect(try await status(by: first) == 200)
        try await expectBackground(second)
        withExtendedLifetime(observer) {}
      }
      #expect(try await status(by: second) == 200)
      post(UIApplication.didEnterBackgroundNotification)
      #expect(try await status(by: second) == 200)
    }
  }
#endif
