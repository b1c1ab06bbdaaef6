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

  /// A cookie of example.com, or of what else is said.
  private func cookie(_ name: String, _ value: String = "1", of domain: String = "example.com")
    -> Cookie
  {
    Cookie(name: name, value: value, domain: domain)
  }

  private func expectError(
    _ reason: String, at location: SourceLocation = #_sourceLocation, _ action: () throws -> Void
  ) {
    do {
      try action()
      Issue.record("no error came: \(reason)", sourceLocation: location)
    } catch let error as CookieError {
      #expect(error.reason == reason, sourceLocation: location)
      #expect(error.description == reason, sourceLocation: location)
      #expect(error.localizedDescription == reason, sourceLocation: location)
    } catch {
      Issue.record("another error: \(error)", sourceLocation: location)
    }
  }

  @Test("What responses set is listed, the oldest first, with all that they said")
  func listed() async throws {
    #expect(jar.all == [])
    let before = Date()
    try await TestServer.setCookies(["a=1"], by: client)
    try await TestServer.setCookies(
      ["b=2; Path=/p; Max-Age=1000; HttpOnly; SameSite=None; Secure"], by: client)
    try #require(jar.all.count == 2)
    let host = try TestServer.host()
    let (first, second) = (jar.all[0], jar.all[1])
    #expect(first == Cookie(name: "a", value: "1", domain: host, path: "/cookies"))
    #expect(first.expires == nil && !first.isSecure && !first.isHTTPOnly && first.sameSite == nil)
    #expect((second.name, second.value) == ("b", "2"))
    #expect((second.domain, second.path) == (host, "/p"))
    #expect(second.isSecure && second.isHTTPOnly)
    #expect(second.sameSite == .unrestricted)
    let age = try #require(second.expires).timeIntervalSince(before)
    #expect((999...1060).contains(age))
  }

  @Test("What the host sets is sent")
  func sent() async throws {
    let host = try TestServer.host()
    try jar.set([cookie("a", of: host), cookie("b", of: "example.com"), cookie("", "c", of: host)])
    #expect(try await TestServer.sentCookies(by: client) == ["a=1; c"])
    #expect(try await TestServer.sentCookies(by: client, with: "a=2") == ["a=2; c"])
  }

  @Test("What is set is listed as it was set")
  func complete() throws {
    let expires = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded() + 1000.123)
    let cookies = SameSite.allCases.map { sameSite in
      Cookie(
        name: "n-\(sameSite)", value: "v=\"ü, 1\"", domain: ".example.com", path: "/a b",
        expires: expires, isSecure: true, isHTTPOnly: true, sameSite: sameSite)
    }
    try jar.set(cookies)
    #expect(jar.all == cookies)
    try jar.set([])
    #expect(jar.all == cookies)
  }

  @Test("A domain is listed in lower case and Punycode")
  func domains() throws {
    try jar.set([cookie("a", of: ".Example.COM"), cookie("b", of: "bücher.example")])
    try jar.set([cookie("c", of: "[::0:1]")])
    #expect(jar.all.map(\.domain) == [".example.com", "xn--bcher-kva.example", "[::1]"])
  }

  @Test("One takes the place of that with its name, domain and path")
  func replaced() throws {
    var other = cookie("a", "path")
    other.path = "/other"
    try jar.set([cookie("a", "1"), cookie("a", "dot", of: ".example.com"), other])
    try jar.set([cookie("a", "2")])
    #expect(Set(jar.all) == [cookie("a", "2"), cookie("a", "dot", of: ".example.com"), other])
  }

  @Test("One that is over is removed, and none is kept longer than 400 days")
  func expires() throws {
    let never: [Date] = [
      Date(timeIntervalSinceNow: -1), Date(timeIntervalSince1970: -1), .distantPast,
      Date(timeIntervalSince1970: -.infinity), Date(timeIntervalSince1970: .nan),
    ]
    for expires in never {
      try jar.set([cookie("a")])
      var over = cookie("a")
      over.expires = expires
      try jar.set([over])
      #expect(jar.all == [], "\(expires.timeIntervalSince1970)")
    }
    for expires in [Date.distantFuture, Date(timeIntervalSince1970: .infinity)] {
      var late = cookie("a")
      late.expires = expires
      try jar.set([late])
      let age = try #require(jar.all.first?.expires).timeIntervalSinceNow
      #expect(abs(age - 400 * 24 * 3600) < 60)
    }
  }

  @Test("Of a URL are those that a request to it takes along, the longest path first")
  func ofURL() throws {
    var (secure, below) = (cookie("secure"), cookie("below"))
    secure.isSecure = true
    below.path = "/a"
    try jar.set([cookie("host"), cookie("domain", of: ".example.com"), secure, below])
    func names(_ url: String) -> [String] { jar.cookies(for: url).map(\.name) }
    #expect(names("http://example.com/") == ["host", "domain"])
    #expect(names("https://example.com/a/b?c#d") == ["below", "host", "domain", "secure"])
    #expect(names("https://www.example.com/") == ["domain"])
    #expect(names("https://example.org/") == [])
    #expect(jar.cookies(for: "https://www.example.com/") == [cookie("domain", of: ".example.com")])
    for wrong in ["", "example.com", "https://", "\0", "data:,"] { #expect(names(wrong) == []) }
  }

  @Test("A Set-Cookie line is taken as from a response of the URL")
  func lines() {
    #expect(jar.setLine("a=1; Domain=example.com", for: "https://www.example.com/b/c"))
    #expect(jar.all == [Cookie(name: "a", value: "1", domain: ".example.com", path: "/b")])
    #expect(!jar.setLine("a=1; Domain=example.com", for: "https://www.example.com/b/c"))
    #expect(!jar.setLine("a=1; Domain=example.org", for: "https://www.example.com/"))
    #expect(!jar.setLine("a=1; Secure", for: "http://www.example.com/"))
    #expect(!jar.setLine("a=1", for: "no URL"))
    #expect(jar.setLine("a=; Domain=example.com; Max-Age=0", for: "https://example.com/b/"))
    #expect(jar.all == [])
  }

  @Test("One that cannot be is an error that names the member, and none is set")
  func invalid() throws {
    func with(_ change: (inout Cookie) -> Void) -> Cookie {
      var wrong = cookie("wrong")
      change(&wrong)
      return wrong
    }
    func v(_ count: Int) -> String { String(repeating: "v", count: count) }
    let path = "path: does not begin with a slash, or has a character that no path has"
    let wrong: [(Cookie, String)] = [
      (with { $0.name = "a=b" }, "name: a character that no name has"),
      (with { $0.name = " a" }, "name: a character that no name has"),
      (with { $0.value = "a;b" }, "value: a character that no value has"),
      (with { $0.value = "a\r\nb" }, "value: a character that no value has"),
      (with { $0.value = v(4092) }, "value: over 4096 bytes with the name"),
      (with { ($0.name, $0.value) = ("", "") }, "name: neither name nor value"),
      (with { $0.path = "p" }, path),
      (with { $0.path = "" }, path),
      (with { $0.path = "/;" }, path),
      (with { $0.path = "/" + v(1024) }, "path: over 1024 bytes"),
      (with { $0.domain = "" }, "domain: neither a host name nor an address"),
      (with { $0.domain = "a b" }, "domain: neither a host name nor an address"),
      (with { $0.domain = "..a" }, "domain: neither a host name nor an address"),
      (with { $0.domain = v(300) }, "domain: neither a host name nor an address"),
      (with { $0.domain = ".co.uk" }, "domain: a public suffix"),
      (with { $0.sameSite = .unrestricted }, "sameSite: none is for secure cookies only"),
      (with { $0.name = "__Host-a" }, "name: its prefix promises what the cookie is not"),
    ]
    for (wrong, reason) in wrong {
      expectError(reason) { try jar.set([wrong]) }
      expectError("[1]." + reason) { try jar.set([cookie("a"), wrong, cookie("b")]) }
      #expect(jar.all == [])
    }
    try jar.set([with { $0.value = v(4091) }])
    #expect(jar.all.count == 1)
  }

  @Test("What UniFFI could not count is an error as well")
  func oversized() throws {
    let large = String(repeating: "v", count: 1 << 20)
    expectError("cookies: over 100 MiB") {
      try jar.set(Array(repeating: cookie("a", large), count: 3000))
    }
    let larger = String(decoding: Data(count: (100 << 20) + 2), as: UTF8.self)
    expectError("cookies: over 100 MiB") { try jar.importJSON(larger) }
    #expect(!jar.setLine(larger, for: "https://example.com/"))
    #expect(jar.all == [])
  }

  @Test("One is deleted by its name, domain and path")
  func deleted() throws {
    var below = cookie("a")
    below.path = "/p"
    let dotted = cookie("a", of: ".example.com")
    try jar.set([cookie("a"), below, dotted])
    for (name, domain, path) in [("A", "example.com", "/"), ("a", "com", "/"), ("a", "", "/x")] {
      #expect(!jar.delete(name: name, domain: domain, path: path))
    }
    #expect(jar.delete(name: "a", domain: "example.com"))
    #expect(Set(jar.all) == [below, dotted])
    #expect(!jar.delete(name: "a", domain: "example.com"))
    #expect(jar.delete(name: "a", domain: "example.com", path: "/p"))
    #expect(jar.delete(name: "a", domain: ".EXAMPLE.com"))
    try jar.set([cookie("b", of: "Bücher.example"), cookie("c", of: "[::1]")])
    #expect(jar.delete(name: "b", domain: "BÜCHER.example"))
    #expect(jar.delete(name: "c", domain: "[0:0::1]"))
    #expect(jar.all == [])
  }

  @Test("All are removed, or those of a domain and of what is below it", arguments: ["", "."])
  func removed(dot: String) async throws {
    try await TestServer.setCookies(["a=1"], by: client)
    let ours = try #require(jar.all.first)
    let kept = ["notexample.com", "example.com.au", "com"].map { cookie("kept", of: $0) }
    let gone = ["example.com", ".example.com", "a.b.example.com"].map { cookie("gone", of: $0) }
    try jar.set(kept + gone)

    jar.removeAll(inDomain: dot + "Example.com")
    #expect(jar.all == [ours] + kept)
    for none in ["", "a b"] { jar.removeAll(inDomain: none) }
    #expect(jar.all == [ours] + kept)
    try jar.set([cookie("gone", of: "www.bücher.example")])
    jar.removeAll(inDomain: dot + "BÜCHER.example")
    #expect(jar.all == [ours] + kept)

    jar.removeAll()
    #expect(jar.all == [])
    #expect(try await TestServer.sentCookies(by: client) == [])
  }

  @Test("Exported as JSON they are those that are imported")
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
    #expect(other.all == [kept, cookie("s")])
    try other.importJSON(#"[{"value":"nameless","domain":"example.com"}]"#)
    #expect(other.all.last == cookie("", "nameless"))
  }

  @Test("JSON that cannot be is an error that says where, and none is set")
  func invalidJSON() {
    let first = #"{"name":"a","value":"1","domain":"example.com"}"#
    let wrong: [(String, String)] = [
      ("", "no JSON"),
      ("[\(first)", "no JSON"),
      ("[] []", "more than one JSON array"),
      (#"[\#(first),{"name":"b"}]"#, "[1]: missing field `value`"),
      (#"[\#(first),{"value":1,"domain":"a"}]"#, "[1].value: not what it is to be"),
      (#"[\#(first),{"value":"1","domain":".co.uk"}]"#, "[1].domain: a public suffix"),
    ]
    for (json, reason) in wrong {
      expectError(reason) { try jar.importJSON(json) }
      #expect(jar.all == [])
    }
  }

  @Test("Printed, a cookie shows nothing of itself")
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

  @Test("A jar that outlives its client does not keep that from ending")
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
    #expect(jar.all == [cookie("a"), cookie("b")])
  }

  @Test("Hosts and responses use it at the same time")
  func concurrent() async throws {
    let client = client
    let host = try TestServer.host()
    let told = Shared(0)
    let listener = client.cookies.onChange { _ in told.withLock { $0 += 1 } }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<50 {
            let name = "host-\(task)-\(round)"
            try client.cookies.set([Cookie(name: name, value: "1", domain: "\(task).example.com")])
            #expect(client.cookies.all.contains { $0.name == name })
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
    let all = client.cookies.all
    #expect(all.count == 208)
    #expect(client.cookies.cookies(for: "http://\(host)/").count == 8)
    #expect(told.withLock { $0 } == 608)  // With those that were deleted, twice.
    listener.cancel()
  }
}
