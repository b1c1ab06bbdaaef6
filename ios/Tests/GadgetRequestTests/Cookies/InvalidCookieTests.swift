import Foundation
import GadgetRequest
import Testing

@Suite("A cookie that is not valid")
struct InvalidCookieTests {
  let jar: CookieJar

  init() throws {
    jar = try TestServer.client().cookies
  }

  @Test("It is an error that names the member, and no cookie is set")
  func invalid() throws {
    func with(_ change: (inout Cookie) -> Void) -> Cookie {
      var wrong = cookie("wrong")
      change(&wrong)
      return wrong
    }
    func v(_ count: Int) -> String { String(repeating: "v", count: count) }
    let path = "path: does not begin with a slash, or contains a forbidden character"
    let wrong: [(Cookie, String)] = [
      (with { $0.name = "a=b" }, "name: contains a forbidden character"),
      (with { $0.name = " a" }, "name: contains a forbidden character"),
      (with { $0.value = "a;b" }, "value: contains a forbidden character"),
      (with { $0.value = "a\r\nb" }, "value: contains a forbidden character"),
      (with { $0.value = v(4092) }, "value: over 4096 bytes with the name"),
      (with { ($0.name, $0.value) = ("", "") }, "name: both name and value are empty"),
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
      (with { $0.name = "__Host-a" }, "name: breaks the rules of its prefix"),
    ]
    for (wrong, reason) in wrong {
      expectError(reason) { try jar.set([wrong]) }
      expectError("[1]." + reason) { try jar.set([cookie("a"), wrong, cookie("b")]) }
      #expect(jar.list() == [])
    }
    try jar.set([with { $0.value = v(4091) }])
    #expect(jar.list().count == 1)
  }

  @Test("Cookies that UniFFI cannot carry are an error, too")
  func oversized() throws {
    let large = String(repeating: "v", count: 1 << 20)
    expectError("cookies: over 100 MiB") {
      try jar.set(Array(repeating: cookie("a", large), count: 3000))
    }
    let larger = String(decoding: Data(count: (100 << 20) + 2), as: UTF8.self)
    expectError("cookies: over 100 MiB") { try jar.importJSON(larger) }
    #expect(!jar.setLine(larger, for: "https://example.com/"))
    #expect(jar.list() == [])
  }

  @Test("JSON that is not valid is an error that names the place, and no cookie is set")
  func invalidJSON() {
    let first = #"{"name":"a","value":"1","domain":"example.com"}"#
    let wrong: [(String, String)] = [
      ("", "not valid JSON"),
      ("[\(first)", "not valid JSON"),
      ("[] []", "text after the JSON array"),
      (#"[\#(first),{"name":"b"}]"#, "[1]: missing field `value`"),
      (#"[\#(first),{"value":1,"domain":"a"}]"#, "[1].value: wrong type or value"),
      (#"[\#(first),{"value":"1","domain":".co.uk"}]"#, "[1].domain: a public suffix"),
    ]
    for (json, reason) in wrong {
      expectError(reason) { try jar.importJSON(json) }
      #expect(jar.list() == [])
    }
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
}
