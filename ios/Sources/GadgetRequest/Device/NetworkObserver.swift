#if canImport(Network)
  import Dispatch
  import Network

  /// Tells clients about the device's network: ``GadgetClient/setOnline(_:)`` and
  /// ``GadgetClient/networkChanged()``.
  ///
  /// ```swift
  /// let network = NetworkObserver()  // One for the process.
  /// network.add(client)  // Each client.
  /// ```
  ///
  /// While there is no network, clients are offline. If the system prefers another interface (from
  /// Wi-Fi to mobile data, a VPN) or another router, clients close idle connections and resolve
  /// names anew.
  ///
  /// It observes until it is released; then its clients are taken to be online. It does not keep
  /// them alive, and a released one need not be removed. Use it from any thread; no method blocks.
  public final class NetworkObserver: Sendable {
    private let monitor = NWPathMonitor()
    private let reports = NetworkReports()

    /// Begins to observe. The first report comes soon after.
    public init() {
      monitor.pathUpdateHandler = { [reports] path in reports.update(NetworkPath(path)) }
      monitor.start(queue: DispatchQueue(label: "gadget-request.network"))
    }

    deinit {
      monitor.cancel()
      reports.clients.report(true)
    }

    /// Tells a client about the network, now and at each change.
    public func add(_ client: GadgetClient) {
      reports.clients.add(client)
    }

    /// Tells a client nothing more. It is taken to be online.
    public func remove(_ client: GadgetClient) {
      reports.clients.remove(client)
    }
  }

  extension NetworkPath {
    init(_ path: NWPath) {
      self.init(
        // With `.requiresConnection`, a network may come up for a call.
        isUsable: path.status != .unsatisfied,
        interface: path.availableInterfaces.first?.name,
        gateways: path.gateways.map { "\($0)" })
    }
  }
#endif
