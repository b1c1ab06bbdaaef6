// The web view of a mini program, with `tt.request` in its pages. docs/ios.md shows this file.

// #region page
#if canImport(WebKit)
  import GadgetRequest
  import WebKit

  /// Makes the web view, which keeps the bridge, which keeps the client.
  @available(iOS 14.0, macOS 11.0, *)
  @MainActor
  func makeWebView(for client: GadgetClient) throws -> WKWebView {
    let bridge = try GadgetBridge(client: client, allowedOrigins: ["https://*.example.com"])
    let configuration = WKWebViewConfiguration()
    bridge.attach(to: configuration.userContentController)
    return WKWebView(frame: .zero, configuration: configuration)
  }
#endif
// #endregion
