internal import GadgetRequestGenerated

/// Makes the requests of one running mini program.
///
/// A client has its own connections and shares the engine's two threads with all other clients. It
/// is cheap to make: the first call that needs connections or TLS sets them up. Use it from any
/// thread.
///
/// ```swift
/// let client = try GadgetClient(
///   configuration: ClientConfiguration(appID: "cli_9dff7f6ae02ad104", appVersion: "1.2.0"))
/// let response = try await client.request(RequestOptions("https://www.toutiao.com"))
/// ```
///
/// At most ten calls are in flight at a time. More calls wait in a queue, first in, first out. The
/// timeout of a call starts when it leaves the queue. ``inFlight`` and ``queued`` count the calls;
/// ``ClientConfiguration/maxQueued``, ``ClientConfiguration/maxQueuedBytes`` and
/// ``ClientConfiguration/queueTimeout`` limit the queue. See `docs/contract.md#7-the-gate`.
///
/// A client watches neither the network nor the app. A `NetworkObserver` and a `ForegroundObserver`
/// report both, or the host app does, with ``setOnline(_:)``, ``networkChanged()``,
/// ``enterBackground()`` and ``enterForeground()``.
///
/// When the last reference to a client is released, its calls, in flight and queued, fail with
/// errno 301 `client closed`, as after ``shutdown()``. A call that is awaited keeps its client
/// alive; a call with a completion does not.
public final class GadgetClient: Sendable {
  let client: Client

  /// Creates a client; it sends, loads and resolves nothing yet.
  ///
  /// The engine keeps the storage, the resolver and the selector until the client and its jar are
  /// released.
  ///
  /// - Parameters:
  ///   - configuration: The settings.
  ///   - cookieStorage: A place for the cookies that the host app chooses, such as the keychain. It
  ///     replaces ``ClientConfiguration/cookieDirectory``, and no other client shares the jar. Use
  ///     one storage for each app id of each user.
  ///   - resolver: Finds the addresses of host names before the engine asks the system.
  ///   - proxySelector: Chooses the proxy of each request, in place of
  ///     ``ClientConfiguration/proxy``.
  ///   - observer: Hears what happens to all calls. The engine keeps it until the client and all
  ///     its calls have ended.
  /// - Throws: ``GadgetConfigurationError`` if a setting is not valid. It names the field.
  public init(
    configuration: ClientConfiguration,
    cookieStorage: (any CookieStorage)? = nil,
    resolver: (any HostResolver)? = nil,
    proxySelector: (any ProxySelector)? = nil,
    observer: (any CallObserver)? = nil
  ) throws {
    do {
      client = try Client.with(
        configJson: configuration.json(), storage: cookieStorage.map { StorageAdapter($0) },
        resolver: resolver.map { ResolverAdapter($0) })
      if let proxySelector {
        try client.setProxySelector(
          selector: SelectorAdapter(proxySelector), settingsJson: nil)
      }
    } catch ConfigFailure.Invalid(let reason) {
      throw GadgetConfigurationError(reason: reason)
    }
    if let observer { _ = client.setObserver(observer: ObserverAdapter(observer)) }
  }

  deinit {
    // A jar may outlive this client, and it holds the engine's client.
    client.shutdown()
  }

  /// How many calls are in flight now, at most ten: sent, but not yet answered to the last byte.
  public var inFlight: Int {
    Int(client.inFlight())
  }

  /// How many calls wait in the queue now.
  ///
  /// One more than ``ClientConfiguration/maxQueued`` fails with errno 111 `too many requests`.
  public var queued: Int {
    Int(client.queued())
  }

  /// The requests and responses that ended last, at most ``ClientConfiguration/harExchanges``, as
  /// [HAR 1.2](http://www.softwareishard.com/blog/har-12-spec/): JSON for the network panel of a
  /// browser.
  ///
  /// It may take some milliseconds.
  public func har() -> String {
    client.har()
  }

  /// The cookies of the client's mini program, for the host app to read and to change.
  public var cookies: CookieJar {
    CookieJar(client)
  }

  /// Reports whether the device has a network; a new client assumes that it has one.
  ///
  /// While the device is offline, new calls and queued calls fail with errno 303 `offline`. Calls
  /// in flight go on. Idle connections are closed. When the device is online again, that counts as
  /// another network: see ``networkChanged()``. Call it any number of times, from any thread.
  ///
  /// On iOS, call it in the `pathUpdateHandler` of an `NWPathMonitor`, with
  /// `path.status != .unsatisfied`: a path with `.requiresConnection` may come up for a call.
  ///
  /// - Parameter online: Whether the device has a network.
  public func setOnline(_ online: Bool) {
    client.setOnline(online: online)
  }

  /// Reports that the device has another network, for example cellular in place of Wi-Fi.
  ///
  /// Idle connections are closed at once. Calls in flight finish on their connections. New calls
  /// open new ones and look up names anew. A call that is still opening its connection begins that
  /// again. Nothing that was sent is sent again because of this. Call it any number of times, from
  /// any thread.
  ///
  /// On iOS, call it in the `pathUpdateHandler` of an `NWPathMonitor` if the path's
  /// `availableInterfaces` are not the ones before.
  public func networkChanged() {
    client.networkChanged()
  }

  /// Reports that the host app is in the background.
  ///
  /// Calls are not affected unless a grace period is set, ``ClientConfiguration/backgroundGrace``.
  /// After that period, all calls, in flight and queued, fail with errno 112 `app in background`.
  /// So do new calls until ``enterForeground()``. Idle connections are closed at once. Calling it
  /// twice is the same as calling it once. Call it from any thread.
  ///
  /// On iOS, call it on `UIApplication.didEnterBackgroundNotification`.
  public func enterBackground() {
    client.enterBackground()
  }

  /// Reports that the host app is in the foreground again: new calls are accepted.
  ///
  /// After more than 30 seconds in the background, it counts as another network too, as
  /// ``networkChanged()``, and calls whose timeout has passed meanwhile fail with errno 302
  /// `timeout`. The time that the device slept counts.
  ///
  /// Call it any number of times, from any thread. On iOS, call it on
  /// `UIApplication.willEnterForegroundNotification`.
  public func enterForeground() {
    client.enterForeground()
  }

  /// Ends the client: its calls, in flight and queued, and all later calls fail with errno 301
  /// `client closed`.
  ///
  /// The engine saves changed cookies soon after, on its own thread, as it does when the client is
  /// released. To save them before, and to know that they are saved, call ``CookieJar/save()``.
  ///
  /// Call it any number of times, from any thread. Completions still run on the engine's threads.
  public func shutdown() {
    client.shutdown()
  }
}
