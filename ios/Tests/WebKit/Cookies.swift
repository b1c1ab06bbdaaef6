// The store of a web view's cookies, which an example uses.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

public import Foundation

#if canImport(FoundationNetworking)
  public import FoundationNetworking
#endif

@MainActor open class WKHTTPCookieStore: NSObject {
  open func setCookie(_ cookie: HTTPCookie) async {}

  open func deleteCookie(_ cookie: HTTPCookie) async {}
}
