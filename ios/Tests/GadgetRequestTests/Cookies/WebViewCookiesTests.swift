#if canImport(WebKit)
  import Foundation
  import GadgetRequest
  import Testing
  import WebKit

  #if canImport(FoundationNetworking)
    import FoundationNetworking
  #endif

  @Suite("Cookies of a web view")
  @MainActor
  struct WebViewCookiesTests {
    let store = WKHTTPCookieStore()
    let client: GadgetClient
    var jar: CookieJar { client.cookies }

    init() throws {
      client = try TestServer.client()
    }

    /// The cookies of the store, each as `name=value`.
    private func stored() async -> Set<String> {
      Set(await store.allCookies().map { "\($0.name)=\($0.value)" })
    }

    /// The cookies of the jar, each as `name=value`.
    private func kept() -> Set<String> {
      Set(jar.list().map { "\($0.name)=\($0.value)" })
    }

    private func expectBoth(
      _ cookies: Set<String>, at location: SourceLocation = #_sourceLocation
    ) async {
      #expect(kept() == cookies, sourceLocation: location)
      #expect(await stored() == cookies, sourceLocation: location)
    }

    /// Sets a cookie as a page does.
    private func page(sets name: String, _ value: String, of domain: String = "example.com") async {
      guard let cookie = cookie(name, value, of: domain).httpCookie else {
        Issue.record("no cookie")
        return
      }
      await store.setCookie(cookie)
    }

    private func page(deletes name: String, of domain: String = "example.com") async {
      guard let cookie = cookie(name, of: domain).httpCookie else { return }
      await store.deleteCookie(cookie)
    }

    @Test("At the start both get all cookies, and the jar's count")
    func start() async throws {
      try jar.set([cookie("jar"), cookie("both", "jar")])
      await page(sets: "store", "1")
      await page(sets: "both", "store")

      let cookies = WebViewCookies(jar: jar, store: store)
      await cookies.synchronize()

      await expectBoth(["jar=1", "both=jar", "store=1"])
    }

    @Test("Changes of the jar reach the store, also those of responses")
    func fromJar() async throws {
      let cookies = WebViewCookies(jar: jar, store: store)
      try await TestServer.setCookies(["a=1; Path=/", "b=1; Path=/; HttpOnly"], by: client)
      try await TestServer.setCookies(["a=2; Path=/", "b=; Path=/; Max-Age=0"], by: client)
      await cookies.synchronize()
      await expectBoth(["a=2"])
      jar.clear()
      await cookies.synchronize()
      await expectBoth([])
    }

    @Test("Attributes are the same on both sides afterwards")
    func attributes() async throws {
      let cookies = WebViewCookies(jar: jar, store: store)
      let mine = Cookie(
        name: "a", value: "1", domain: ".example.com", path: "/p",
        expires: Date(timeIntervalSince1970: (Date().timeIntervalSince1970).rounded() + 1000.5),
        isSecure: true, isHTTPOnly: true, sameSite: .lax)
      try jar.set([mine])
      await cookies.synchronize()
      let theirs = try #require(await store.allCookies().first)
      #expect((theirs.domain, theirs.path) == (".example.com", "/p"))
      #expect((theirs.isSecure, theirs.isHTTPOnly) == (true, true))
      // What the store does not keep, the jar does not lose.
      #expect(jar.list() == [mine])
    }

    @Test("Changes of the store reach the jar: new cookies, values, and cookies that are gone")
    func fromStore() async throws {
      let cookies = WebViewCookies(jar: jar, store: store)
      await page(sets: "a", "1")
      await page(sets: "b", "1")
      await cookies.synchronize()
      await expectBoth(["a=1", "b=1"])
      await page(sets: "a", "2")
      await page(deletes: "b")
      await cookies.synchronize()
      await expectBoth(["a=2"])
    }

    @Test("Changes of the store reach the jar without being asked for")
    func observed() async throws {
      let cookies = WebViewCookies(jar: jar, store: store)
      for value in 1...3 {
        await page(sets: "a", "\(value)")
        try await TestServer.wait(until: "the jar has it") { kept() == ["a=\(value)"] }
      }
      await page(deletes: "a")
      try await TestServer.wait(until: "the jar has nothing") { kept() == [] }
      withExtendedLifetime(cookies) {}
    }

    @Test("Only the cookies of the named domains are copied")
    func domains() async throws {
      try jar.set([cookie("a"), cookie("b", of: "other.example")])
      await page(sets: "c", "1", of: ".www.EXAMPLE.com")
      await page(sets: "d", "1", of: "notexample.com")
      let cookies = WebViewCookies(jar: jar, store: store, domains: ["Example.com"])
      await cookies.synchronize()
      #expect(kept() == ["a=1", "b=1", "c=1"])
      #expect(await stored() == ["a=1", "c=1", "d=1"])
      try jar.set([cookie("b", "2", of: "other.example")])
      jar.delete(name: "b", domain: "other.example")
      await page(deletes: "d", of: "notexample.com")
      await cookies.synchronize()
      await expectBoth(["a=1", "c=1"])
    }

    @Test("A cookie that is deleted while the store is read does not come back")
    func deletedMeanwhile() async throws {
      let cookies = WebViewCookies(jar: jar, store: store)
      try jar.set([cookie("a")])
      await cookies.synchronize()
      await cookies.synchronize()
      store.whileReading = { [jar] in jar.clear() }
      await cookies.synchronize()
      await cookies.synchronize()
      await expectBoth([])
    }

    @Test("A cookie that the jar changes while the store is read keeps its new value")
    func changedMeanwhile() async throws {
      let cookies = WebViewCookies(jar: jar, store: store)
      try jar.set([cookie("a", "1")])
      await cookies.synchronize()
      for value in 2...20 {
        store.whileReading = { [jar] in
          try? jar.set([cookie("a", "x\(value)")])
          try? jar.set([cookie("a", "\(value)")])
        }
        await cookies.synchronize()
      }
      await cookies.synchronize()
      await expectBoth(["a=20"])
    }

    @Test("A cookie that goes and comes back in the jar stays")
    func comesBack() async throws {
      let cookies = WebViewCookies(jar: jar, store: store)
      try jar.set([cookie("a")])
      await cookies.synchronize()
      jar.clear()
      try jar.set([cookie("a")])
      await cookies.synchronize()
      await expectBoth(["a=1"])
    }

    @Test("A cookie that the store refuses stays in the jar, and the other way round")
    func refused() async throws {
      store.refused = ["a"]
      try jar.set([cookie("a")])
      await page(sets: "b", "1", of: ".com")  // A public suffix.
      let cookies = WebViewCookies(jar: jar, store: store)
      await cookies.synchronize()
      try jar.set([cookie("a", "2")])
      await cookies.synchronize()
      #expect(kept() == ["a=2"])
      #expect(await stored() == ["b=1"])
    }

    @Test("Both are quiet when they are the same")
    func quiet() async throws {
      let changes = Shared(0)
      let listener = jar.onChange { _ in changes.withLock { $0 += 1 } }
      let cookies = WebViewCookies(jar: jar, store: store)
      try jar.set([cookie("a")])
      await page(sets: "b", "1")
      for _ in 0..<10 { await cookies.synchronize() }
      #expect(changes.withLock { $0 } == 2)
      listener.cancel()
    }

    @Test("After its release nothing is copied, and the store has no observer")
    func released() async throws {
      do {
        let cookies = WebViewCookies(jar: jar, store: store)
        #expect(store.observerCount == 1)
        await cookies.synchronize()
      }
      try await TestServer.wait(until: "the observer is removed") { store.observerCount == 0 }
      try jar.set([cookie("a")])
      await page(sets: "b", "1")
      #expect(kept() == ["a=1"])
      #expect(await stored() == ["b=1"])
    }
  }
#endif
