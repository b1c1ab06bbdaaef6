import Foundation
import GadgetRequest
import Testing

@Suite("Cookies")
struct CookieTests {
  typealias CookiePolicy = ClientConfiguration.CookiePolicy

  @Test("The mini program sees what a response sets, and the next request sends it")
  func jar() async throws {
    let client = try TestServer.client()
    let response = try await TestServer.setCookies(["a=1", "b=2; Path=/; HttpOnly"], by: client)
    #expect(response.cookies == ["a=1", "b=2; Path=/; HttpOnly"])
    #expect(response.headers["Set-Cookie"] == "a=1, b=2; Path=/; HttpOnly")
    #expect(try await TestServer.sentCookies(by: client) == ["a=1; b=2"])
  }

  @Test("The caller's cookies come first, then the jar's cookies with other names")
  func merge() async throws {
    let client = try TestServer.client()
    try await TestServer.setCookies(["a=1", "b=2"], by: client)
    #expect(try await TestServer.sentCookies(by: client, with: "mine=3") == ["mine=3; a=1; b=2"])
    #expect(
      try await TestServer.sentCookies(by: client, with: "mine=3; b=4") == ["mine=3; b=4; a=1"])
  }

  @Test("With the policy drop, only the jar's cookies are sent")
  func drop() async throws {
    let client = try client(CookiePolicy(callerHeader: .drop))
    #expect(try await TestServer.sentCookies(by: client, with: "mine=3") == [])
    try await TestServer.setCookies(["a=1"], by: client)
    #expect(try await TestServer.sentCookies(by: client, with: "mine=3") == ["a=1"])
  }

  @Test("With the policy hidden, the mini program does not see them, and they are still sent")
  func hidden() async throws {
    let client = try client(CookiePolicy(setCookie: .hidden))
    let response = try await TestServer.setCookies(["a=1", "b=2"], by: client)
    #expect(response.cookies == [])
    #expect(!response.headers.contains { $0.name == "set-cookie" })
    #expect(try await TestServer.sentCookies(by: client) == ["a=1; b=2"])
  }

  @Test("With the policy hidden, the result object of a JavaScript call does not have them")
  func hiddenInvocation() async throws {
    let options = #"{"url":"\#(try TestServer.settingURL(["unseen=1"]))"}"#
    let seen = try await TestServer.client().invoke(optionsJSON: options)
    #expect(seen.json.contains("unseen=1"))
    let hidden = try await client(CookiePolicy(setCookie: .hidden)).invoke(optionsJSON: options)
    #expect(hidden.isSuccess)
    #expect(hidden.json.contains(#""cookies":[]"#))
    #expect(!hidden.json.contains("unseen"))
  }

  @Test("Without a jar nothing is stored, and only the caller's cookies are sent")
  func noJar() async throws {
    let client = try client(CookiePolicy(jar: false))
    #expect(try await TestServer.setCookies(["a=1"], by: client).cookies == ["a=1"])
    #expect(try await TestServer.sentCookies(by: client) == [])
    #expect(try await TestServer.sentCookies(by: client, with: "mine=3") == ["mine=3"])
  }

  @Test("If a rule is not set, the rule of the platform applies")
  func platform() async throws {
    let client = try TestServer.client {
      $0.platform = .pc
      $0.cookiePolicy = CookiePolicy(setCookie: .visible)
    }
    #expect(try await TestServer.setCookies(["a=1"], by: client).cookies == ["a=1"])
    #expect(try await TestServer.sentCookies(by: client, with: "mine=3") == ["a=1"])
  }

  @Test("Mini programs do not share cookies, with and without a folder", arguments: [false, true])
  func apps(kept: Bool) async throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let one = try client(app: "cli_1", in: kept ? folder : nil)
    let other = try client(app: "cli_2", in: kept ? folder : nil)
    try await TestServer.setCookies(["a=1; Max-Age=1000"], by: one)
    #expect(try await TestServer.sentCookies(by: one) == ["a=1"])
    #expect(try await TestServer.sentCookies(by: other) == [])
    try one.cookies.save()  // Before the folder is removed.
  }

  @Test("Cookies in a folder outlive their client")
  func kept() async throws {
    let (folder, copy) = (temporaryFolder(), temporaryFolder())
    defer { for folder in [folder, copy] { try? FileManager.default.removeItem(at: folder) } }
    let first = try client(app: "cli_1", in: folder)
    try await TestServer.setCookies(["a=1; Max-Age=1000"], by: first)
    try first.cookies.save()
    first.shutdown()

    let second = try client(app: "cli_1", in: folder)
    #expect(try await TestServer.sentCookies(by: second) == ["a=1"])
    // The engine has no jar in memory for another folder, so it must load the copy.
    try FileManager.default.copyItem(at: folder, to: copy)
    let third = try client(app: "cli_1", in: copy)
    #expect(try await TestServer.sentCookies(by: third) == ["a=1"])
  }

  private func client(_ policy: CookiePolicy) throws -> GadgetClient {
    try TestServer.client { $0.cookiePolicy = policy }
  }

  private func client(app: String, in folder: URL?) throws -> GadgetClient {
    try TestServer.client {
      $0.appID = app
      $0.cookieDirectory = folder
    }
  }
}
