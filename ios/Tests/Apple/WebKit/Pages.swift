// What Apple's WebKit does not have: a page, for tests.

extension WKWebView {
  /// Sends a message from a document of this web view, as `messageHandlers[name].postMessage`.
  ///
  /// - Parameters:
  ///   - body: The message.
  ///   - name: The name of the script message handler.
  ///   - scheme: The scheme of the document's origin; empty if it has none.
  ///   - host: The host of the document's origin; empty if it has none.
  ///   - port: The port of the document's origin; 0 stands for the scheme's own.
  ///   - isMainFrame: Whether the document is the web view's own.
  ///   - reply: Gets the reply of the handler, as often as the handler calls it.
  /// - Returns: False if there is no handler of that name.
  public func post(
    _ body: Any, to name: String, scheme: String, host: String, port: Int, isMainFrame: Bool,
    reply: @escaping @MainActor @Sendable (Any?, String?) -> Void
  ) -> Bool {
    let controller = configuration.userContentController
    guard let handler = controller.handlers[name] else { return false }
    let frame = WKFrameInfo(
      isMainFrame: isMainFrame, securityOrigin: WKSecurityOrigin(scheme, host, port))
    let message = WKScriptMessage(body, from: frame, in: self)
    handler.userContentController(controller, didReceive: message, replyHandler: reply)
    return true
  }
}
