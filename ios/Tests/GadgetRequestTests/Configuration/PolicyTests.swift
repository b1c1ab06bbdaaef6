import Foundation
import GadgetRequest
import Testing

@Suite("The hosts and addresses that the settings allow")
struct PolicyTests {
  let counter = TestServer.counter()

  private func options() throws -> RequestOptions {
    RequestOptions(try TestServer.url("/echo?counter=\(counter)"))
  }

  private let secure = RequestOptions("https://www.toutiao.com/echo")

  private func status(of options: RequestOptions, by client: GadgetClient) async throws -> Int {
    try await client.request(options).status
  }

  @Test("If a host is not allowed, the call fails with 110 and sends nothing")
  func hosts() async throws {
    let host = try TestServer.host()
    let wrong: [[String]] = [
      [], ["www.toutiao.com"], ["*.toutiao.com"], [host + ":1"], ["localhost"],
    ]
    for hosts in wrong {
      let client = try TestServer.client { $0.allowedHosts = hosts }
      try await failure(.prohibited, "host not allowed", of: options(), by: client)
      #expect(client.inFlight == 0)
    }
    #expect(try await TestServer.counters(counter).total == 0)
    let port = try #require(URL(string: TestServer.url("/"))?.port)
    for hosts in [nil, [host], ["example.com", "\(host):\(port)"]] {
      #expect(
        try await status(of: options(), by: TestServer.client { $0.allowedHosts = hosts }) == 200)
    }
    for pattern in ["*.toutiao.com", "WWW.Toutiao.com", "www.toutiao.com:443"] {
      let client = try TestServer.client { $0.allowedHosts = [pattern] }
      #expect(try await status(of: secure, by: client) == 200)
    }
  }

  @Test("A call of JavaScript fails with 110, too")
  func invoked() async throws {
    let client = try TestServer.client { $0.allowedHosts = [] }
    let result = await client.invoke(optionsJSON: #"{"url":"\#(try options().url)"}"#)
    let expected =
      #"{"errMsg":"request:fail host not allowed","errno":110,"errString":"API call prohibited","#
    #expect(!result.isSuccess)
    #expect(result.json.hasPrefix(expected))
  }

  @Test("If cleartext is not allowed, it fails with 110, and TLS works")
  func cleartext() async throws {
    let client = try TestServer.client { $0.allowsCleartext = false }
    try await failure(.prohibited, "cleartext not allowed", of: options(), by: client)
    #expect(try await TestServer.counters(counter).total == 0)
    #expect(try await status(of: secure, by: client) == 200)
    let other = try TestServer.client { $0.allowsCleartext = true }
    #expect(try await status(of: options(), by: other) == 200)
  }

  @Test(
    "If private addresses are not allowed, they fail with 110 in every spelling and by every name")
  func privateAddresses() async throws {
    let url = try #require(URL(string: TestServer.url("/")))
    let port = try #require(url.port)
    let client = try TestServer.client {
      $0.allowsPrivateAddresses = false
      $0.resolve = ["inside.example:\(port):127.0.0.1", "metadata.example:80:169.254.169.254"]
    }
    let hosts = [
      "127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "localhost",
      "inside.example",
    ]
    for host in hosts {
      let options = RequestOptions("http://\(host):\(port)/echo?counter=\(counter)")
      try await failure(.prohibited, "private address not allowed", of: options, by: client)
    }
    for host in ["10.0.0.1", "192.168.1.1", "169.254.169.254", "metadata.example", "[fd00::1]"] {
      let options = RequestOptions("http://\(host)/")
      try await failure(.prohibited, "private address not allowed", of: options, by: client)
    }
    #expect(try await TestServer.counters(counter).total == 0)
  }

  @Test("A private network is allowed if it is listed, and no other one is")
  func privateNetworks() async throws {
    for network in ["127.0.0.1", "127.0.0.0/8", "0.0.0.0/0"] {
      let client = try TestServer.client {
        $0.allowsPrivateAddresses = false
        $0.allowedPrivateNetworks = ["10.0.0.0/8", network]
      }
      #expect(try await status(of: options(), by: client) == 200)
    }
    let client = try TestServer.client {
      $0.allowsPrivateAddresses = false
      $0.allowedPrivateNetworks = ["10.0.0.0/8", "::1"]
    }
    try await failure(.prohibited, "private address not allowed", of: options(), by: client)
  }
}
