#if canImport(WebKit)
  import Foundation
  import GadgetRequest
  import Testing
  import WebKit

  @Suite("A page in a web view")
  @MainActor
  struct GadgetBridgeTests {
    @Test("The script runs at the start of documents, of the main frame unless frames may call")
    func script() throws {
      for allowsFrames in [false, true] {
        let configuration = WKWebViewConfiguration()
        let bridge = try GadgetBridge(
          client: TestServer.client(), allowedOrigins: [], allowsFrames: allowsFrames, name: "my")
        bridge.attach(to: configuration.userContentController)
        let script = try #require(configuration.userContentController.userScripts.first)
        #expect(script.injectionTime == .atDocumentStart)
        #expect(script.isForMainFrameOnly == !allowsFrames)
        #expect(script.source.contains(#"{"name":"my","channel":"gadgetRequest","bytes":false}"#))
      }
    }

    @Test("An origin that cannot be one is an error")
    func invalid() throws {
      let client = try TestServer.client()
      #expect(throws: GadgetConfigurationError.self) {
        try GadgetBridge(client: client, allowedOrigins: ["example.com"])
      }
    }

    @Test("A call gets its result once")
    func call() async throws {
      let page = Page(try webView())
      try await page.hello()
      let reply = try await page.call(7, "/status/404").envelope()
      #expect(reply.id == 7)
      #expect(reply.result?.statusCode == 404)
      let wrong = try await page.send(#""call":8,"options":{}"#).envelope()
      #expect(wrong.result?.errno == 104)
    }

    @Test("Bytes go both ways as base64")
    func bytes() async throws {
      let page = Page(try webView())
      try await page.hello()
      let body = Data((0..<70_000).map { UInt8(truncatingIfNeeded: $0) })
      let url = try TestServer.url("/echo")
      let options = #"{"url":"\#(url)","method":"POST","responseType":"arraybuffer"}"#
      let reply = try await page.send(
        #""call":1,"options":\#(options),"base64":"\#(body.base64EncodedString())""#
      ).envelope()
      let echo = try #require(reply.base64.flatMap { Data(base64Encoded: $0) })
      #expect(try JSONDecoder().decode(TestServer.Received.self, from: echo).body == body)
    }

    @Test("A page of another origin is refused, and nothing is sent")
    func refused() async throws {
      let counter = TestServer.counter()
      var page = Page(try webView())
      for (scheme, host) in [("https", "evil.example"), ("http", "page.example"), ("", "")] {
        (page.scheme, page.host) = (scheme, host)
        let hello = try await page.send(#""hello":true"#).envelope()
        #expect(hello.refused?.isEmpty == false)
        let call = try await page.call(1, "/echo?counter=\(counter)").envelope()
        #expect(call.result?.errno == 103)
        #expect(call.refused == hello.refused)
      }
      #expect(try await TestServer.counters(counter).total == 0)
    }

    @Test("A document in a frame may call if frames may")
    func frames() async throws {
      for allowsFrames in [false, true] {
        let webView = try webView(allowsFrames: allowsFrames)
        let page = Page(webView)
        var frame = Page(webView)
        frame.isMainFrame = false
        try await page.hello()
        let hello = try await frame.send(#""hello":true"#).only()
        #expect((hello.text == nil) == allowsFrames)
        let reply = try await frame.call(1, "/echo").envelope()
        #expect(reply.result?.statusCode == (allowsFrames ? 200 : nil))
        #expect(reply.result?.errno == (allowsFrames ? nil : 103))
        // The page is still there.
        #expect(try await page.call(1, "/echo").envelope().result?.statusCode == 200)
      }
    }

    @Test("What is no message of the script gets nothing")
    func hostile() async throws {
      let page = Page(try webView())
      for body in ["", "{", 7, ["page": "x"], NSNull(), Data(count: 4)] as [Any] {
        try await page.send(body: body).nothing()
      }
      // Without a hello.
      #expect(try await page.call(1, "/echo").envelope().result?.errno == 301)
    }

    @Test("An abort ends the call with errno 301, and the server sees it end")
    func abort() async throws {
      let counter = TestServer.counter()
      let page = Page(try webView())
      try await page.hello()
      let call = try page.call(1, "/fault/silence?counter=\(counter)")
      try await TestServer.wait(for: 1, inFlightOf: counter)
      try await page.send(#""abort":1"#).nothing()
      #expect(try await call.envelope().result?.errno == 301)
      try await TestServer.wait(for: 0, inFlightOf: counter)
    }

    @Test("A thousand calls, half of them aborted, get one reply each")
    func many() async throws {
      let client = try TestServer.client()
      let page = Page(try webView(client))
      try await page.hello()
      let calls = try (1...1010).map { try page.call($0, "/echo") }
      let aborts = stride(from: 1, through: 1010, by: 2).map { page.send(#""abort":\#($0)"#) }
      for call in calls {
        let result = try await call.envelope().result
        #expect(result?.statusCode == 200 || result?.errno == 301)
      }
      for abort in aborts { #expect(try await abort.only().error == nil) }
      #expect(client.inFlight + client.queued == 0)
    }

    /// Makes a web view with the API for `https://page.example`.
    private func webView(
      _ client: GadgetClient? = nil, allowsFrames: Bool = false
    ) throws -> WKWebView {
      let configuration = WKWebViewConfiguration()
      let bridge = try GadgetBridge(
        client: client ?? TestServer.client(), allowedOrigins: ["https://page.example"],
        allowsFrames: allowsFrames)
      bridge.attach(to: configuration.userContentController)
      return WKWebView(frame: .zero, configuration: configuration)
    }
  }
#endif
