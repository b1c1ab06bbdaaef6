import Foundation
internal import GadgetRequestGenerated

extension GadgetClient {
  /// Takes another proxy, or none, in place of ``ClientConfiguration/proxy``,
  /// ``ClientConfiguration/proxyBypass`` and a ``ProxySelector``.
  ///
  /// Calls in flight finish on their connections. For all others it counts as another network: see
  /// ``networkChanged()``. Call it any number of times, from any thread.
  ///
  /// - Parameters:
  ///   - proxy: A URL as in ``ClientConfiguration/proxy``; `nil` for no proxy.
  ///   - bypass: The hosts that are reached without it, as in ``ClientConfiguration/proxyBypass``.
  /// - Throws: ``GadgetConfigurationError`` if one is not valid. The client then keeps its proxy.
  public func setProxy(_ proxy: String?, bypass: [String] = []) throws {
    var settings: [String: Any] = ["proxy_bypass": bypass]
    settings["proxy"] = proxy
    let document = try Self.document(settings)
    try refusing { try client.setProxy(settingsJson: document) }
  }

  /// Asks a selector for the proxy of each request from now on.
  ///
  /// Apart from that, the same as ``setProxy(_:bypass:)``.
  ///
  /// - Parameters:
  ///   - selector: Chooses the proxies.
  ///   - bypass: The hosts for which it is not asked; `nil` means
  ///     ``ClientConfiguration/proxyBypass``.
  /// - Throws: ``GadgetConfigurationError`` if a host is not valid. Then the client keeps its
  ///   proxy.
  public func setProxySelector(
    _ selector: any ProxySelector, bypass: [String]? = nil
  ) throws {
    let document = try bypass.map { try Self.document(["proxy_bypass": $0]) }
    try refusing {
      try client.setProxySelector(selector: SelectorAdapter(selector), settingsJson: document)
    }
  }

  private static func document(_ settings: [String: Any]) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: settings), as: UTF8.self)
  }

  private func refusing(_ action: () throws -> Void) throws {
    do {
      try action()
    } catch ConfigFailure.Invalid(let reason) {
      throw GadgetConfigurationError(reason: reason)
    }
  }
}
