import Foundation
import Testing

@testable import GadgetRequest

@Suite("The channel of a web view's pages")
struct PageChannelTests {
  /// A reply.
  struct Taken: Sendable {
    let text: String?
    let error: String?
  }

  static let page = "0123456789abcdef0123456789abcdef"

  @Test("The script has the settings that the page needs, and not the origins")
  func script() throws {
    let settings = BridgeSettings(origins: ["https://secret.example"], frames: true, name: "my")
    let script = try PageChannel(to: TestServer.client(), settings).script
    #expect(script.hasPrefix("/*"))
    #expect(script.hasSuffix(#"({"name":"my","channel":"gadgetRequest","bytes":false});"# + "\n"))
    #expect(!script.contains("secret.example"))
  }

  @Test(
    "A setting that is not valid is an error that names it",
    arguments: [(["https://a.example/path"], "tt", "origins"), ([], "t t", "name")])
  func invalid(_ origins: [String], _ name: String, _ field: String) throws {
    let client = try TestServer.client()
    #expect {
      try PageChannel(to: client, BridgeSettings(origins: origins, frames: false, name: name))
    } throws: {
      ($0 as? GadgetConfigurationError)?.reason.hasPrefix(field) == true
    }
  }

  @Test("The reply comes after the message has been passed on, not within")
  @MainActor
  func later() async throws {
    let channel = try Self.channel(to: TestServer.client())
    let isPassedOn = Shared(false)
    let wasPassedOn = await withCheckedContinuation { continuation in
      channel.receive("no message", from: "https://a.example", isMainFrame: true) { _, _ in
        continuation.resume(returning: isPassedOn.withLock { $0 })
      }
      isPassedOn.withLock { $0 = true }
    }
    #expect(wasPassedOn)
  }

  @Test(
    "What is not a message gets no reply text",
    arguments: ["", "{}", "[]", "\u{0}\u{0}\u{0}\u{2}{}", #"{"page":"no hex","hello":true}"#])
  func strange(_ text: String) async throws {
    let taken = try await Self.send(text, by: Self.channel(to: TestServer.client()))
    #expect(taken.text == nil)
    #expect(taken.error == nil)
  }

  @Test("What is not text gets no reply text")
  func noText() async throws {
    let channel = try Self.channel(to: TestServer.client())
    for body in [1, Data([0, 0, 0, 0]), ["page": Self.page], NSNull()] as [Any & Sendable] {
      let taken = await Self.send(body, by: channel)
      #expect(taken.text == nil)
      #expect(taken.error == nil)
    }
  }

  static func channel(to client: GadgetClient) throws -> PageChannel {
    try PageChannel(
      to: client, BridgeSettings(origins: ["https://a.example"], frames: false, name: "tt"))
  }

  static func send(_ body: Any & Sendable, by channel: PageChannel) async -> Taken {
    await withCheckedContinuation { continuation in
      channel.receive(body, from: "https://a.example", isMainFrame: true) { text, error in
        continuation.resume(returning: Taken(text: text as? String, error: error))
      }
    }
  }
}
