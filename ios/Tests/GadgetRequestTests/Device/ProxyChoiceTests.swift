import Foundation
import Testing

@testable import GadgetRequest

@Suite("What the device says about proxies")
struct ProxyChoiceTests {
  /// A device with these proxies.
  struct Device: ProxySettings {
    struct Broken: Error {}

    var choices: [ProxyChoice]
    var ofScript: [ProxyChoice]?

    func choices(for url: URL) -> [ProxyChoice] { choices }

    func run(_ script: URL, for url: URL) throws -> [ProxyChoice] {
      guard let ofScript else { throw Broken() }
      return ofScript
    }
  }

  private let script = ProxyChoice.script(URL(fileURLWithPath: "/proxy.pac"))

  private func proxy(
    _ choices: [ProxyChoice], ofScript: [ProxyChoice]? = nil
  ) throws -> String? {
    try Device(choices: choices, ofScript: ofScript).proxy(for: "https://a.example/")
  }

  @Test("The first choice counts, in the engine's words")
  func first() throws {
    #expect(try proxy([]) == nil)
    #expect(try proxy([.direct, .http(host: "a", port: 1)]) == nil)
    #expect(try proxy([.http(host: "a", port: 1), .direct]) == "http://a:1")
    #expect(try proxy([.http(host: "2001:db8::7", port: 8080)]) == "http://[2001:db8::7]:8080")
    #expect(try proxy([.socks(host: "a", port: 1080)]) == "socks5h://a:1080")
  }

  @Test("A script is run, and one that fails is an error")
  func scripted() throws {
    #expect(try proxy([script], ofScript: [.http(host: "a", port: 1)]) == "http://a:1")
    #expect(try proxy([script], ofScript: [.direct, .http(host: "a", port: 1)]) == nil)
    #expect(try proxy([script], ofScript: [script, .socks(host: "a", port: 1)]) == "socks5h://a:1")
    #expect(try proxy([script], ofScript: []) == nil)
    #expect(throws: Device.Broken.self) { try proxy([script, .direct]) }
  }
}
