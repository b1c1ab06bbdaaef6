/// Writes the origin of a document as the engine reads it.
enum PageOrigin {
  /// Writes scheme, host and port.
  ///
  /// - Parameters:
  ///   - scheme: The scheme, empty if there is no origin.
  ///   - host: The host, empty if there is no origin.
  ///   - port: The port; 0 stands for the scheme's own.
  /// - Returns: The origin, such as `https://example.com:8443`. It is `null` for a document without
  ///   an origin, such as a sandboxed frame and the pages of `about:`, `data:` and `file:`.
  static func text(scheme: String, host: String, port: Int) -> String {
    guard !scheme.isEmpty, !host.isEmpty else { return "null" }
    let isBareIPv6 = host.contains(":") && !host.hasPrefix("[")
    let authority = isBareIPv6 ? "[\(host)]" : host
    return "\(scheme)://\(authority)" + (port == 0 ? "" : ":\(port)")
  }
}
