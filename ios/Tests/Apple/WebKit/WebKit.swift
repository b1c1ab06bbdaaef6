// The declarations of WebKit that the package uses, with Apple's signatures. Linux compiles and
// tests the bridge against them, because it has no WebKit.

@_exported public import Foundation

/// Takes the messages of a page, and replies to each.
@MainActor public protocol WKScriptMessageHandlerWithReply: NSObjectProtocol {
  func userContentController(
    _ userContentController: WKUserContentController, didReceive message: WKScriptMessage,
    replyHandler: @escaping @MainActor @Sendable (Any?, String?) -> Void)
}

@MainActor open class WKUserContentController: NSObject {
  public internal(set) var userScripts: [WKUserScript] = []
  /// By the name and the identity of the content world.
  var handlers: [String: any WKScriptMessageHandlerWithReply] = [:]

  public nonisolated override init() {}

  open func addUserScript(_ userScript: WKUserScript) {
    userScripts.append(userScript)
  }

  open func removeAllUserScripts() {
    userScripts = []
  }

  open func addScriptMessageHandler(
    _ scriptMessageHandlerWithReply: any WKScriptMessageHandlerWithReply,
    contentWorld: WKContentWorld, name: String
  ) {
    precondition(contentWorld === WKContentWorld.page, "the script of the page does not see it")
    precondition(handlers[name] == nil, "WebKit raises an exception")
    handlers[name] = scriptMessageHandlerWithReply
  }

  open func removeScriptMessageHandler(forName name: String, contentWorld: WKContentWorld) {
    handlers[name] = nil
  }
}

@MainActor open class WKContentWorld: NSObject {
  private static let thePage = WKContentWorld()

  open class var page: WKContentWorld { thePage }
}

public enum WKUserScriptInjectionTime: Int, Sendable {
  case atDocumentStart = 0
  case atDocumentEnd = 1
}

@MainActor open class WKUserScript: NSObject {
  public let source: String
  public let injectionTime: WKUserScriptInjectionTime
  public let isForMainFrameOnly: Bool

  public init(
    source: String, injectionTime: WKUserScriptInjectionTime, forMainFrameOnly: Bool,
    in contentWorld: WKContentWorld
  ) {
    self.source = source
    self.injectionTime = injectionTime
    isForMainFrameOnly = forMainFrameOnly
  }
}

@MainActor open class WKScriptMessage: NSObject {
  public let body: Any
  public private(set) weak var webView: WKWebView?
  public let frameInfo: WKFrameInfo

  init(_ body: Any, from frameInfo: WKFrameInfo, in webView: WKWebView?) {
    self.body = body
    self.webView = webView
    self.frameInfo = frameInfo
  }
}

@MainActor open class WKFrameInfo: NSObject {
  public let isMainFrame: Bool
  public let securityOrigin: WKSecurityOrigin

  init(isMainFrame: Bool, securityOrigin: WKSecurityOrigin) {
    self.isMainFrame = isMainFrame
    self.securityOrigin = securityOrigin
  }
}

@MainActor open class WKSecurityOrigin: NSObject {
  public let `protocol`: String
  public let host: String
  public let port: Int

  init(_ protocol: String, _ host: String, _ port: Int) {
    self.protocol = `protocol`
    self.host = host
    self.port = port
  }
}

@MainActor open class WKWebViewConfiguration: NSObject {
  public var userContentController = WKUserContentController()
  public var websiteDataStore = WKWebsiteDataStore.nonPersistent()

  public override init() {}
}

@MainActor open class WKWebsiteDataStore: NSObject {
  public let httpCookieStore = WKHTTPCookieStore()

  open class func nonPersistent() -> WKWebsiteDataStore { WKWebsiteDataStore() }
}

@MainActor open class WKNavigation: NSObject {}

@MainActor open class WKWebView: NSObject {
  public let configuration: WKWebViewConfiguration

  /// Copies the configuration, which goes on sharing the content controller.
  public init(frame: CGRect, configuration: WKWebViewConfiguration) {
    self.configuration = WKWebViewConfiguration()
    self.configuration.userContentController = configuration.userContentController
    self.configuration.websiteDataStore = configuration.websiteDataStore
  }

  @discardableResult
  open func loadHTMLString(_ string: String, baseURL: URL?) -> WKNavigation? { nil }
}
