#if canImport(WebKit)
  public import WebKit

  /// Offers `tt.request` to the pages of a web view.
  ///
  /// ```swift
  /// let bridge = try GadgetBridge(client: client, allowedOrigins: ["https://page.example"])
  /// let configuration = WKWebViewConfiguration()
  /// bridge.attach(to: configuration.userContentController)
  /// let webView = WKWebView(frame: .zero, configuration: configuration)
  /// webView.load(URLRequest(url: url))
  /// ```
  ///
  /// Nothing that a page sends is trusted. If its origin is not allowed, its calls fail with errno
  /// 103 and its console shows why. When a page goes away, its calls are aborted without a
  /// callback. See `docs/contract.md#13-a-page-in-a-webview`.
  ///
  /// The web view keeps its content controller, which keeps the bridge, which keeps the client.
  /// There is no cycle, because the bridge keeps neither of the other two. So the host app needs no
  /// reference to the bridge, and the release of the web view aborts the calls of its pages. A host
  /// app that keeps the bridge or the content controller for longer calls ``detach()``.
  ///
  /// Several web views may share the content controller: a window that a page opens does so.
  @available(iOS 14.0, macOS 11.0, *)
  @MainActor
  public final class GadgetBridge: NSObject, WKScriptMessageHandlerWithReply {
    private let client: GadgetClient
    private let settings: BridgeSettings
    private let script: WKUserScript
    private weak var controller: WKUserContentController?
    private var served: [Served] = []

    private struct Served {
      weak var webView: WKWebView?
      let channel: PageChannel
    }

    /// Creates a bridge without a web view.
    ///
    /// - Parameters:
    ///   - client: Makes the calls of the pages. Several bridges may share it.
    ///   - allowedOrigins: The origins that may call, such as `https://example.com`, `app://local`
    ///     and `https://*.example.com` (all hosts below it). `null` stands for documents without an
    ///     origin, such as `about:blank` and files; `*` stands for all documents.
    ///   - allowsFrames: Whether documents in frames may call, if their origins are allowed.
    ///   - name: The global object of the page that gets `request`.
    /// - Throws: ``GadgetConfigurationError`` if an origin or the name is not valid.
    public init(
      client: GadgetClient, allowedOrigins: [String], allowsFrames: Bool = false,
      name: String = "tt"
    ) throws {
      self.client = client
      settings = BridgeSettings(origins: allowedOrigins, frames: allowsFrames, name: name)
      script = WKUserScript(
        source: try PageChannel(to: client, settings).script, injectionTime: .atDocumentStart,
        forMainFrameOnly: !allowsFrames, in: .page)
      super.init()
    }

    /// Adds the API to all documents that load from now on, and detaches the bridge from its former
    /// content controller.
    ///
    /// - Parameter controller: The content controller of the web view's configuration. It must not
    ///   have another handler with the name `gadgetRequest`: WebKit would end the app.
    public func attach(to controller: WKUserContentController) {
      detach()
      controller.addUserScript(script)
      controller.addScriptMessageHandler(self, contentWorld: .page, name: settings.channel)
      self.controller = controller
    }

    /// Aborts the calls of all documents, which get no more results, and removes the API from the
    /// content controller. Calling it twice is the same as calling it once.
    public func detach() {
      served = []
      guard let controller else { return }
      self.controller = nil
      controller.removeScriptMessageHandler(forName: settings.channel, contentWorld: .page)
      let others = controller.userScripts.filter { $0 !== script }
      controller.removeAllUserScripts()  // WebKit cannot remove one.
      for other in others { controller.addUserScript(other) }
    }

    /// Aborts the calls of a web view's documents. The documents that it loads next may call again.
    ///
    /// Call it in `webViewWebContentProcessDidTerminate(_:)` of the navigation delegate, because
    /// documents do not report the end of their process. Otherwise their calls run until the web
    /// view loads its next document. Do not call it for documents that are still alive: their calls
    /// would get no result.
    ///
    /// - Parameter webView: The web view whose process has ended.
    public func endDocuments(of webView: WKWebView) {
      served.removeAll { $0.webView === webView }
    }

    /// Takes a message of a page. WebKit calls it.
    public func userContentController(
      _ userContentController: WKUserContentController, didReceive message: WKScriptMessage,
      replyHandler: @escaping @MainActor @Sendable (Any?, String?) -> Void
    ) {
      guard let webView = message.webView, let channel = try? channel(of: webView) else {
        return replyHandler(nil, "there is no web view")
      }
      let (frame, origin) = (message.frameInfo, message.frameInfo.securityOrigin)
      channel.receive(
        message.body,
        from: PageOrigin.text(scheme: origin.protocol, host: origin.host, port: origin.port),
        isMainFrame: frame.isMainFrame, reply: replyHandler)
    }

    private func channel(of webView: WKWebView) throws -> PageChannel {
      served.removeAll { $0.webView == nil }
      if let found = served.first(where: { $0.webView === webView }) { return found.channel }
      let channel = try PageChannel(to: client, settings)
      served.append(Served(webView: webView, channel: channel))
      return channel
    }
  }
#endif
