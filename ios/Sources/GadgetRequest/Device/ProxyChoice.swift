import Foundation

/// A proxy that the device's settings name.
enum ProxyChoice: Equatable {
  case direct
  case http(host: String, port: Int)
  case socks(host: String, port: Int)
  /// A script (PAC) that names the proxies.
  case script(URL)
}

/// What the device says about proxies.
///
/// It may block.
protocol ProxySettings: Sendable {
  /// Returns the proxies for a URL, the best first.
  func choices(for url: URL) -> [ProxyChoice]

  /// Runs a script and returns the proxies that it names for a URL.
  ///
  /// - Throws: The script cannot be loaded, or fails.
  func run(_ script: URL, for url: URL) throws -> [ProxyChoice]
}

extension ProxySettings {
  /// Returns the proxy for an origin as the engine takes it; `nil` for none.
  ///
  /// The first choice counts. A script that fails is an error: to connect without the proxy that it
  /// would have named may be what it forbids.
  func proxy(for origin: String) throws -> String? {
    guard let url = URL(string: origin) else { return nil }
    switch choices(for: url).first {
    case .script(let script):
      // A script names no other script.
      return try run(script, for: url).lazy.compactMap(\.answer).first ?? nil
    case let choice?: return choice.answer ?? nil
    case nil: return nil
    }
  }
}

extension ProxyChoice {
  /// The engine's URL of it, `nil` in it for none; `nil` for a script.
  fileprivate var answer: String?? {
    switch self {
    case .direct: .some(nil)
    case .http(let host, let port): "http://\(Self.bracketed(host)):\(port)"
    case .socks(let host, let port): "socks5h://\(Self.bracketed(host)):\(port)"
    case .script: nil
    }
  }

  private static func bracketed(_ host: String) -> String {
    host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
  }
}
