#if canImport(WebKit)
  import GadgetRequest
  import Testing
  import WebKit

  @Suite("The life of a page")
  @MainActor
  struct BridgeLifetimeTests {
    let counter = TestServer.counter()
    let configuration = WKWebViewConfiguration()

    @Test("When another document loads, the calls of the first one end without a result")
    func navigation() async throws {
      let (bridge, webView) = try make()
      let first = Page(webView)
      let call = try await silence(first)

      let second = Page(webView)
      try await second.hello()

      try await call.nothing()
      try await TestServer.wait(for: 0, inFlightOf: counter)
      #expect(try await second.call(1, "/echo").envelope().result?.statusCode == 200)
      // A call of the dead document fails, for nobody, and is not sent.
      let dead = try await first.call(2, "/echo?counter=\(counter)").envelope()
      #expect(dead.result?.errno == 301)
      #expect(try await TestServer.counters(counter).total == 1)
      withExtendedLifetime(bridge) {}
    }

    @Test("When the page is left, its calls end without a result")
    func bye() async throws {
      let (_, webView) = try make()
      let page = Page(webView)
      let call = try await silence(page)
      try await page.send(#""bye":true"#).nothing()
      try await call.nothing()
      try await TestServer.wait(for: 0, inFlightOf: counter)
    }

    @Test("Detaching ends all calls without a result, and removes the handler and the script only")
    func detach() async throws {
      let other = WKUserScript(
        source: "", injectionTime: .atDocumentEnd, forMainFrameOnly: true, in: .page)
      let controller = configuration.userContentController
      let (bridge, webView) = try make()
      controller.addUserScript(other)
      let page = Page(webView)
      let call = try await silence(page)

      bridge.detach()
      bridge.detach()

      try await call.nothing()
      try await TestServer.wait(for: 0, inFlightOf: counter)
      #expect(controller.userScripts == [other])
      #expect(try await page.call(2, "/echo").only().error == "no handler")
    }

    @Test("A bridge may be attached again, and to another content controller")
    func attachAgain() async throws {
      let (bridge, webView) = try make()
      bridge.attach(to: configuration.userContentController)
      #expect(configuration.userContentController.userScripts.count == 1)
      let page = Page(webView)
      try await page.hello()
      #expect(try await page.call(1, "/echo").envelope().result?.statusCode == 200)

      let otherController = WKUserContentController()
      bridge.attach(to: otherController)
      #expect(configuration.userContentController.userScripts.isEmpty)
      #expect(otherController.userScripts.count == 1)
    }

    @Test("When the process of the pages dies, their calls end, and the next document may call")
    func processEnd() async throws {
      let (bridge, webView) = try make()
      let call = try await silence(Page(webView))

      bridge.endDocuments(of: webView)

      try await call.nothing()
      try await TestServer.wait(for: 0, inFlightOf: counter)
      let next = Page(webView)
      try await next.hello()
      #expect(try await next.call(1, "/echo").envelope().result?.statusCode == 200)
    }

    @Test("Two web views of one configuration do not end each other's documents")
    func window() async throws {
      let (bridge, webView) = try make()
      let call = try await silence(Page(webView))
      let window = WKWebView(frame: .zero, configuration: webView.configuration)
      let page = Page(window)
      try await page.hello()
      #expect(try await page.call(1, "/echo").envelope().result?.statusCode == 200)
      bridge.endDocuments(of: window)
      #expect(try await TestServer.counters(counter).in_flight == 1)
      #expect(call.all.isEmpty)
    }

    @Test("The web view keeps the bridge and its client, and its release ends the calls")
    func release() async throws {
      var webView: WKWebView? = try makeWebView()
      weak var controller = webView?.configuration.userContentController
      let call = try await silence(Page(try #require(webView)))

      webView = nil

      #expect(controller == nil)
      try await call.nothing()
      try await TestServer.wait(for: 0, inFlightOf: counter)
    }

    @Test("If the bridge is kept, the calls of a released web view end with the next message")
    func releaseOfOne() async throws {
      var (bridge, webView): (GadgetBridge, WKWebView?) = try make()
      let call = try await silence(Page(try #require(webView)))
      webView = nil
      let next = Page(WKWebView(frame: .zero, configuration: configuration))
      try await next.hello()
      try await call.nothing()
      bridge.detach()
    }

    @Test("After the shutdown of the client, calls fail with errno 301")
    func shutdown() async throws {
      let client = try TestServer.client()
      let (_, webView) = try make(client)
      let page = Page(webView)
      let call = try await silence(page)
      client.shutdown()
      #expect(try await call.envelope().result?.errno == 301)
      #expect(try await page.call(2, "/echo").envelope().result?.errno == 301)
    }

    private func make(_ client: GadgetClient? = nil) throws -> (GadgetBridge, WKWebView) {
      let bridge = try GadgetBridge(
        client: client ?? TestServer.client(), allowedOrigins: ["https://page.example"])
      bridge.attach(to: configuration.userContentController)
      return (bridge, WKWebView(frame: .zero, configuration: configuration))
    }

    /// Makes a web view to which nothing else refers, nor to its parts.
    private func makeWebView() throws -> WKWebView {
      let configuration = WKWebViewConfiguration()
      let bridge = try GadgetBridge(
        client: TestServer.client(), allowedOrigins: ["https://page.example"])
      bridge.attach(to: configuration.userContentController)
      return WKWebView(frame: .zero, configuration: configuration)
    }

    /// Loads the page and starts a call that the server never answers.
    private func silence(_ page: Page) async throws -> Replies {
      try await page.hello()
      let call = try page.call(1, "/fault/silence?counter=\(counter)")
      try await TestServer.wait(for: 1, inFlightOf: counter)
      return call
    }
  }
#endif
