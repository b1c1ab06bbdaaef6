#if canImport(WebKit)
  public import WebKit

  /// Keeps the cookies of a client and of a web view the same, in both directions, so that a user
  /// who is logged in on one side is logged in on the other.
  ///
  /// ```swift
  /// let store = webView.configuration.websiteDataStore.httpCookieStore
  /// let cookies = WebViewCookies(jar: client.cookies, store: store)
  /// await cookies.synchronize()  // The page has the client's cookies.
  /// webView.load(URLRequest(url: url))
  /// ```
  ///
  /// At the start the jar's cookies replace those of the store. Later each change is copied, soon
  /// and in its order: new cookies, values, and cookies that are gone. If both sides change a
  /// cookie at the same moment, one of them wins on both sides. To log a user out, clear the jar
  /// and ``synchronize()``.
  ///
  /// Never copied: cookies that one side refuses, and what a page keeps elsewhere (`localStorage`).
  ///
  /// All web views with the same data store share its cookies. Give each mini program its own,
  /// such as `WKWebsiteDataStore.nonPersistent()`, or name its domains.
  ///
  /// It copies until it is released. It keeps the jar's cookies alive, but not the client.
  public final class WebViewCookies: Sendable {
    private enum Event: Sendable {
      case jarChanged(CookieChange)
      case storeChanged
      case synchronize(CheckedContinuation<Void, Never>)
    }

    private let store: WKHTTPCookieStore
    private let observer: StoreObserver
    private let listener: CookieListener
    private let events: AsyncStream<Event>.Continuation
    private let work: Task<Void, Never>

    /// Begins to copy.
    ///
    /// - Parameters:
    ///   - jar: The cookies of a client, ``GadgetClient/cookies``.
    ///   - store: The cookies of the web view's data store. Create the web view first.
    ///   - domains: Copies only cookies of these domains and of all that is below them. `nil`:
    ///     copies all cookies.
    @MainActor
    public init(jar: CookieJar, store: WKHTTPCookieStore, domains: [String]? = nil) {
      let (stream, events) = AsyncStream.makeStream(of: Event.self)
      let observer = StoreObserver { events.yield(.storeChanged) }
      (self.store, self.events, self.observer) = (store, events, observer)
      // First listen, then copy: no change is missed.
      listener = jar.onChange { events.yield(.jarChanged($0)) }
      store.add(observer)
      work = Task.detached {
        var merge = CookieMerge(jar, WebKitCookies(store: store), domains: domains)
        await merge.begin()
        for await event in stream {
          switch event {
          case .jarChanged(let change): await merge.apply(change)
          case .storeChanged:
            await observer.begin()
            await merge.read()
          case .synchronize(let continuation):
            await merge.read()
            continuation.resume()
          }
        }
      }
    }

    deinit {
      listener.cancel()
      events.finish()
      work.cancel()
      // WebKit does not keep its observers.
      Task { @MainActor [store, observer] in store.remove(observer) }
    }

    /// Waits until all changes that either side has made before are copied.
    public func synchronize() async {
      await withCheckedContinuation { events.yield(.synchronize($0)) }
    }
  }

  /// Reports that a store has changed, once until the report is taken.
  @MainActor
  private final class StoreObserver: NSObject, WKHTTPCookieStoreObserver {
    private let report: @Sendable () -> Void
    private var isReported = false

    init(_ report: @escaping @Sendable () -> Void) {
      self.report = report
    }

    /// Begins a reading: what changes from now on is reported again.
    func begin() {
      isReported = false
    }

    func cookiesDidChange(in cookieStore: WKHTTPCookieStore) {
      guard !isReported else { return }
      isReported = true
      report()
    }
  }

  /// The cookies of a web view's data store.
  private struct WebKitCookies: WebCookies {
    let store: WKHTTPCookieStore

    func all() async -> [Cookie] {
      await store.allCookies().map { Cookie($0) }
    }

    func set(_ cookie: Cookie) async {
      guard let cookie = cookie.httpCookie else { return }
      await store.setCookie(cookie)
    }

    func delete(_ cookie: Cookie) async {
      guard let cookie = cookie.httpCookie else { return }
      await store.deleteCookie(cookie)
    }
  }
#endif
