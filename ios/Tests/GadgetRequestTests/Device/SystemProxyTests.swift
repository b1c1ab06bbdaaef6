#if canImport(CFNetwork)
  import CFNetwork
  import Foundation
  import GadgetRequest
  import Testing

  @Suite("The proxy of the system")
  struct SystemProxyTests {
    private func entry(_ type: String, _ host: String? = nil, _ port: Int? = nil) -> [String: Any] {
      var entry: [String: Any] = [kCFProxyTypeKey: type]
      entry[kCFProxyHostNameKey] = host
      entry[kCFProxyPortNumberKey] = port
      return entry
    }

    private func script(_ url: String) throws -> [String: Any] {
      var entry = entry(kCFProxyTypeAutoConfigurationURL)
      entry[kCFProxyAutoConfigurationURLKey] = try #require(NSURL(string: url))
      return entry
    }

    @Test("It is what CFNetwork says for the origin")
    func entries() throws {
      for (type, proxy) in [
        (kCFProxyTypeHTTP, "http://proxy:8080"), (kCFProxyTypeHTTPS, "http://proxy:8080"),
        (kCFProxyTypeSOCKS, "socks5h://proxy:8080"), (kCFProxyTypeNone, nil),
      ] {
        ProxyDevice.shared.set([entry(type, "proxy", 8080)], for: "https://one.example/")
        #expect(try SystemProxy().select("https://one.example/") == proxy)
      }
      let others = [entry("kCFProxyTypeFTP", "ftp", 21), entry(kCFProxyTypeHTTP, "proxy")]
      ProxyDevice.shared.set(others, for: "https://one.example/")
      #expect(try SystemProxy().select("https://one.example/") == "http://proxy:80")
      #expect(try SystemProxy().select("https://unknown.example/") == nil)
    }

    @Test("A script names the proxy, and a script without an answer is an error")
    func scripts() throws {
      let pac = "http://pac.example/proxy.pac"
      ProxyDevice.shared.set([try script(pac)], for: "https://two.example/")
      #expect(throws: URLError.self) { try SystemProxy().select("https://two.example/") }
      ProxyDevice.shared.set([entry(kCFProxyTypeHTTP, "proxy", 3128)], for: pac)
      #expect(try SystemProxy().select("https://two.example/") == "http://proxy:3128")
    }

    @Test("A client with it reaches a server through it")
    func through() async throws {
      let server = try #require(URL(string: TestServer.url("")))
      let proxy = entry(kCFProxyTypeHTTP, server.host, server.port)
      ProxyDevice.shared.set([proxy], for: "http://three.invalid/")
      let client = try TestServer.client(proxySelector: SystemProxy())
      #expect(try await client.request(RequestOptions("http://three.invalid/x")).status == 200)
    }
  }
#endif
