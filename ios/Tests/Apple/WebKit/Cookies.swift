// The store of a web view's cookies, over a dictionary.

public import Foundation

#if canImport(FoundationNetworking)
  public import FoundationNetworking
#endif

@MainActor public protocol WKHTTPCookieStoreObserver: NSObjectProtocol {
  func cookiesDidChange(in cookieStore: WKHTTPCookieStore)
}

@MainActor open class WKHTTPCookieStore: NSObject {
  private struct Observer {
    weak var observer: (any WKHTTPCookieStoreObserver)?
  }

  private var cookies: [[String]: HTTPCookie] = [:]
  private var observers: [Observer] = []

  /// What a test does at the beginning of the next reading, which is slow.
  public var whileReading: (@MainActor () async -> Void)?

  /// Names of cookies that the store does not take.
  public var refused: Set<String> = []

  public nonisolated override init() {}

  open func allCookies() async -> [HTTPCookie] {
    let all = Array(cookies.values)
    let action = whileReading
    whileReading = nil
    await action?()
    return all
  }

  open func setCookie(_ cookie: HTTPCookie) async {
    await Task.yield()
    guard !refused.contains(cookie.name) else { return }
    cookies[[cookie.name, cookie.domain, cookie.path]] = cookie
    report()
  }

  open func deleteCookie(_ cookie: HTTPCookie) async {
    await Task.yield()
    guard cookies.removeValue(forKey: [cookie.name, cookie.domain, cookie.path]) != nil else {
      return
    }
    report()
  }

  open func add(_ observer: any WKHTTPCookieStoreObserver) {
    observers.append(Observer(observer: observer))
  }

  open func remove(_ observer: any WKHTTPCookieStoreObserver) {
    observers.removeAll { $0.observer === observer }
  }

  /// How many observers were added and not removed, also those that are gone.
  public var observerCount: Int {
    observers.count
  }

  private func report() {
    for observer in observers {
      Task { observer.observer?.cookiesDidChange(in: self) }
    }
  }
}
