import Foundation
import GadgetRequest
import Testing

@Suite("The jar of a client")
struct CookieJarTests {
  let client: GadgetClient
  let jar: CookieJar

  init() throws {
    client = try TestServer.client()
    jar = client.cookies
  }

  @Test("It lists what responses set, the oldest first, with all attributes")
  func listed() async throws {
    #expect(jar.list() == [])
    let before = Date()
    try await TestServer.setCookies(["a=1"], by: client)
    try await TestServer.setCookies(
      ["b=2; Path=/p; Max-Age=1000; HttpOnly; SameSite=None; Secure"], by: client)
    let cookies = jar.list()
    try #require(cookies.count == 2)
    let host = try TestServer.host()
    let (first, second) = (cookies[0], cookies[1])
    #expect(first == Cookie(name: "a", value: "1", domain: host, path: "/cookies"))
    #expect(first.expires == nil && !first.isSecure && !first.isHTTPOnly && first.sameSite == nil)
    #expect((second.name, second.value) == ("b", "2"))
    #expect((second.domain, second.path) == (host, "/p"))
    #expect(second.isSecure && second.isHTTPOnly)
    #expect(second.sameSite == .unrestricted)
    let age = try #require(second.expires).timeIntervalSince(before)
    #expect((999...1060).contains(age))
  }

  @Test("Calls send what the host app sets")
  func sent() async throws {
    let host = try TestServer.host()
    try jar.set([cookie("a", of: host), cookie("b", of: "example.com"), cookie("", "c", of: host)])
    #expect(try await TestServer.sentCookies(by: client) == ["a=1; c"])
    #expect(try await TestServer.sentCookies(by: client, with: "a=2") == ["a=2; c"])
  }

  @Test("It lists cookies as they were set")
  func complete() throws {
    let expires = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded() + 1000.123)
    let cookies = SameSite.allCases.map { sameSite in
      Cookie(
        name: "n-\(sameSite)", value: "v=\"ü, 1\"", domain: ".example.com", path: "/a b",
        expires: expires, isSecure: true, isHTTPOnly: true, sameSite: sameSite)
    }
    try jar.set(cookies)
    #expect(jar.list() == cookies)
    try jar.set([])
    #expect(jar.list() == cookies)
  }

  @Test("It lists domains in lower case and Punycode")
  func domains() throws {
    try jar.set([cookie("a", of: ".Example.COM"), cookie("b", of: "bücher.example")])
    try jar.set([cookie("c", of: "[::0:1]")])
    #expect(jar.list().map(\.domain) == [".example.com", "xn--bcher-kva.example", "[::1]"])
  }

  @Test("A cookie replaces the one with the same name, domain and path")
  func replaced() throws {
    var other = cookie("a", "path")
    other.path = "/other"
    try jar.set([cookie("a", "1"), cookie("a", "dot", of: ".example.com"), other])
    try jar.set([cookie("a", "2")])
    #expect(Set(jar.list()) == [cookie("a", "2"), cookie("a", "dot", of: ".example.com"), other])
  }

  @Test("A cookie that has expired is deleted, and none is kept longer than 400 days")
  func expires() throws {
    let never: [Date] = [
      Date(timeIntervalSinceNow: -1), Date(timeIntervalSince1970: -1), .distantPast,
      Date(timeIntervalSince1970: -.infinity), Date(timeIntervalSince1970: .nan),
    ]
    for expires in never {
      try jar.set([cookie("a")])
      var expired = cookie("a")
      expired.expires = expires
      try jar.set([expired])
      #expect(jar.list() == [], "\(expires.timeIntervalSince1970)")
    }
    for expires in [Date.distantFuture, Date(timeIntervalSince1970: .infinity)] {
      var late = cookie("a")
      late.expires = expires
      try jar.set([late])
      let age = try #require(jar.list().first?.expires).timeIntervalSinceNow
      #expect(abs(age - 400 * 24 * 3600) < 60)
    }
  }

  @Test("It lists the cookies that a request to a URL sends, the longest path first")
  func ofURL() throws {
    var (secure, below) = (cookie("secure"), cookie("below"))
    secure.isSecure = true
    below.path = "/a"
    try jar.set([cookie("host"), cookie("domain", of: ".example.com"), secure, below])
    func names(_ url: String) -> [String] { jar.list(for: url).map(\.name) }
    #expect(names("http://example.com/") == ["host", "domain"])
    #expect(names("https://example.com/a/b?c#d") == ["below", "host", "domain", "secure"])
    #expect(names("https://www.example.com/") == ["domain"])
    #expect(names("https://example.org/") == [])
    #expect(jar.list(for: "https://www.example.com/") == [cookie("domain", of: ".example.com")])
    for wrong in ["", "example.com", "https://", "\0", "data:,"] { #expect(names(wrong) == []) }
  }

  @Test("A Set-Cookie line counts as one in a response from the URL")
  func lines() {
    #expect(jar.setLine("a=1; Domain=example.com", for: "https://www.example.com/b/c"))
    #expect(jar.list() == [Cookie(name: "a", value: "1", domain: ".example.com", path: "/b")])
    #expect(!jar.setLine("a=1; Domain=example.com", for: "https://www.example.com/b/c"))
    #expect(!jar.setLine("a=1; Domain=example.org", for: "https://www.example.com/"))
    #expect(!jar.setLine("a=1; Secure", for: "http://www.example.com/"))
    #expect(!jar.setLine("a=1", for: "no URL"))
    #expect(jar.setLine("a=; Domain=example.com; Max-Age=0", for: "https://example.com/b/"))
    #expect(jar.list() == [])
  }

  @Test("A cookie is deleted by its name, domain and path")
  func deleted() throws {
    var below = cookie("a")
    below.path = "/p"
    let dotted = cookie("a", of: ".example.com")
    try jar.set([cookie("a"), below, dotted])
    for (name, domain, path) in [("A", "example.com", "/"), ("a", "com", "/"), ("a", "", "/x")] {
      #expect(!jar.delete(name: name, domain: domain, path: path))
    }
    #expect(jar.delete(name: "a", domain: "example.com"))
    #expect(Set(jar.list()) == [below, dotted])
    #expect(!jar.delete(name: "a", domain: "example.com"))
    #expect(jar.delete(name: "a", domain: "example.com", path: "/p"))
    #expect(jar.delete(name: "a", domain: ".EXAMPLE.com"))
    try jar.set([cookie("b", of: "Bücher.example"), cookie("c", of: "[::1]")])
    #expect(jar.delete(name: "b", domain: "BÜCHER.example"))
    #expect(jar.delete(name: "c", domain: "[0:0::1]"))
    #expect(jar.list() == [])
  }

  @Test("It clears all cookies, or the ones of a domain and its subdomains", arguments: ["", "."])
  func cleared(dot: String) async throws {
    try await TestServer.setCookies(["a=1"], by: client)
    let ours = try #require(jar.list().first)
    let kept = ["notexample.com", "example.com.au", "com"].map { cookie("kept", of: $0) }
    let cleared = ["example.com", ".example.com", "a.b.example.com"].map {
      cookie("cleared", of: $0)
    }
    try jar.set(kept + cleared)

    jar.clear(domain: dot + "Example.com")
    #expect(jar.list() == [ours] + kept)
    for none in ["", "a b"] { jar.clear(domain: none) }
    #expect(jar.list() == [ours] + kept)
    try jar.set([cookie("cleared", of: "www.bücher.example")])
    jar.clear(domain: dot + "BÜCHER.example")
    #expect(jar.list() == [ours] + kept)

    jar.clear()
    #expect(jar.list() == [])
    #expect(try await TestServer.sentCookies(by: client) == [])
  }

  @Test("Cookies that are exported as JSON can be imported")
  func json() throws {
    #expect(jar.exportJSON() == "[]")
    let second = (Date().timeIntervalSince1970 + 1000).rounded()
    let kept = Cookie(
      name: "k", value: "\"ü\"", domain: ".example.com", path: "/p",
      expires: Date(timeIntervalSince1970: second), isSecure: true, isHTTPOnly: true,
      sameSite: .lax)
    try jar.set([kept, cookie("s")])
    let json = jar.exportJSON()
    let expected = #"""
      [{"name":"k","value":"\"ü\"","domain":".example.com","path":"/p",
      "expires":\#(Int(second))000,"secure":true,"httpOnly":true,"sameSite":"lax"},
      {"name":"s","value":"1","domain":"example.com","path":"/","secure":false,"httpOnly":false}]
      """#.replacingOccurrences(of: "\n", with: "")
    #expect(json == expected)

    let other = try TestServer.client().cookies
    try other.importJSON(json)
    #expect(other.list() == [kept, cookie("s")])
    try other.importJSON(#"[{"value":"nameless","domain":"example.com"}]"#)
    #expect(other.list().last == cookie("", "nameless"))
  }

  @Test("A printed cookie shows no member")
  func silent() {
    var secret = cookie("secret-name", "secret-value", of: "secret.example.com")
    secret.path = "/secret"
    secret.sameSite = .strict
    var dumped = ""
    dump((secret, [secret], CookieChange.set(secret)), to: &dumped)
    let texts = [
      "\(secret)", "\([secret])", "\(Optional(secret) as Any)", "\(CookieChange.set(secret))",
      "\([CookieChange.removed(secret)])", secret.description, secret.debugDescription,
      String(reflecting: secret), String(reflecting: CookieChange.removed(secret)), dumped,
    ]
    for text in texts {
      #expect(!text.lowercased().contains("secret"))
      #expect(text.contains("Cookie"))
    }
    #expect("\(secret)" == "Cookie")
    #expect(Mirror(reflecting: secret).children.isEmpty)
  }

  @Test("A jar that outlives its client does not keep the client alive")
  func outlives() async throws {
    let (outcomes, continuation) = AsyncStream.makeStream(of: Result<Response, GadgetError>.self)
    let counter = TestServer.counter()
    let options = RequestOptions(try TestServer.url("/fault/silence?counter=\(counter)"))
    let jar = try await { () async throws -> CookieJar in
      let client = try TestServer.client()
      client.request(options) { continuation.yield($0) }
      try await TestServer.wait(for: 1, inFlightOf: counter)
      try client.cookies.set([cookie("a")])
      return client.cookies
    }()
    let outcome = try #require(await outcomes.first { _ in true })
    expect(try #require(outcome.error), is: .cancelled, "client closed")
    try jar.set([cookie("b")])
    #expect(jar.list() == [cookie("a"), cookie("b")])
  }

  @Test("The host app and responses use it at the same time")
  func concurrent() async throws {
    let client = client
    let host = try TestServer.host()
    let reported = Shared(0)
    let listener = client.cookies.onChange { _ in reported.withLock { $0 += 1 } }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<50 {
            let name = "app-\(task)-\(round)"
            try client.cookies.set([Cookie(name: name, value: "1", domain: "\(task).example.com")])
            #expect(client.cookies.list().contains { $0.name == name })
            _ = client.cookies.exportJSON()
            if round.isMultiple(of: 2) {
              #expect(client.cookies.delete(name: name, domain: "\(task).example.com"))
            }
          }
        }
        group.addTask {
          try await TestServer.setCookies(["response-\(task)=1; Path=/"], by: client)
        }
      }
      try await group.waitForAll()
    }
    let all = client.cookies.list()
    #expect(all.count == 208)
    #expect(client.cookies.list(for: "http://\(host)/").count == 8)
    #expect(reported.withLock { $0 } == 608)  // The deleted cookies count twice.
    listener.cancel()
  }
}
