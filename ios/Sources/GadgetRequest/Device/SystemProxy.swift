#if canImport(CFNetwork)
  import CFNetwork
  import Foundation

  /// Chooses the proxy that the device's settings name, as `URLSession` does: that of the Wi-Fi, of
  /// a VPN or a profile, or of a script (PAC).
  ///
  /// ```swift
  /// let client = try GadgetClient(configuration: configuration, proxySelector: SystemProxy())
  /// ```
  ///
  /// Each request asks anew, so that a change of the settings counts from the next request on. If
  /// the settings name several proxies, the first one counts. A script that fails is errno 305
  /// `proxy failed`.
  public struct SystemProxy: ProxySelector {
    /// Reads nothing yet.
    public init() {}

    /// Asks the system. A SOCKS proxy gets the server's name, not its address.
    public func select(_ origin: String) throws -> String? {
      try DeviceProxies().proxy(for: origin)
    }
  }

  /// The proxies of Apple's systems.
  struct DeviceProxies: ProxySettings {
    func choices(for url: URL) -> [ProxyChoice] {
      guard let settings = CFNetworkCopySystemProxySettings()?.takeRetainedValue(),
        let target = NSURL(string: url.absoluteString)
      else { return [] }
      let found = CFNetworkCopyProxiesForURL(target as CFURL, settings).takeRetainedValue()
      return ProxyChoice.all(in: found as NSArray)
    }

    func run(_ script: URL, for url: URL) throws -> [ProxyChoice] {
      guard let script = NSURL(string: script.absoluteString),
        let target = NSURL(string: url.absoluteString)
      else { return [] }
      let answer = Answer()
      try withExtendedLifetime(answer) {
        var context = CFStreamClientContext(
          version: 0, info: Unmanaged.passUnretained(answer).toOpaque(), retain: nil, release: nil,
          copyDescription: nil)
        // Its name says neither "create" nor "copy", but the caller owns what it returns.
        let source = CFNetworkExecuteProxyAutoConfigurationURL(
          script as CFURL, target as CFURL,
          { info, found, error in
            guard error == nil else { return }
            let answer = Unmanaged<Answer>.fromOpaque(info).takeUnretainedValue()
            answer.choices = ProxyChoice.all(in: found as NSArray)
          }, &context
        ).takeRetainedValue()
        // A mode of its own, so that nothing else of this thread runs meanwhile.
        let mode = CFRunLoopMode("dev.gadget.request.proxy" as CFString)
        CFRunLoopAddSource(CFRunLoopGetCurrent(), source, mode)
        CFRunLoopRunInMode(mode, Self.patience, true)
        CFRunLoopSourceInvalidate(source)  // The callback never comes after this.
        if answer.choices == nil { throw URLError(.timedOut) }
      }
      return answer.choices ?? []
    }

    /// Seconds for a script; the connect timeout of the call is mostly shorter.
    private static let patience = 30.0

    /// Gets the answer of a script, on the thread that waits for it.
    private final class Answer {
      var choices: [ProxyChoice]?
    }
  }

  extension ProxyChoice {
    fileprivate static func all(in list: NSArray) -> [ProxyChoice] {
      list.compactMap { ($0 as? NSDictionary).flatMap(ProxyChoice.init) }
    }

    /// Reads an entry of CFNetwork's; `nil` for a proxy of another kind, such as FTP's.
    fileprivate init?(_ entry: NSDictionary) {
      let host = entry[kCFProxyHostNameKey] as? String
      let port = entry[kCFProxyPortNumberKey] as? Int
      let kinds = [
        kCFProxyTypeNone as String: ProxyChoice.direct,
        kCFProxyTypeHTTP as String: host.map { .http(host: $0, port: port ?? 80) },
        // For https requests; the proxy itself speaks HTTP.
        kCFProxyTypeHTTPS as String: host.map { .http(host: $0, port: port ?? 80) },
        kCFProxyTypeSOCKS as String: host.map { .socks(host: $0, port: port ?? 1080) },
        kCFProxyTypeAutoConfigurationURL as String: Self.script(
          entry[kCFProxyAutoConfigurationURLKey]),
      ]
      guard let type = entry[kCFProxyTypeKey] as? String, let kind = kinds[type] ?? nil
      else { return nil }
      self = kind
    }

    private static func script(_ value: Any?) -> ProxyChoice? {
      (value as? URL ?? (value as? NSURL)?.absoluteURL).map { .script($0) }
    }
  }
#endif
