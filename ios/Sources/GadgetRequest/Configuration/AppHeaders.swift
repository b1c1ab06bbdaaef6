extension ClientConfiguration {
  /// Headers of the host app's own that go to some hosts.
  ///
  /// They win over the caller's and the engine's own, reserved ones such as `referer` too. They may
  /// be neither the connection's (`host`, `content-length` and the like) nor `cookie`.
  ///
  /// ```swift
  /// configuration.appHeaders = [
  ///   .init(hosts: ["https://*.example.com"], headers: ["x-session": token])
  /// ]
  /// ```
  ///
  /// Printed, dumped or interpolated it shows no value: that ends up in logs.
  public struct AppHeaders: Sendable, Equatable {
    /// The hosts, as in ``ClientConfiguration/allowedHosts``. A token belongs to https alone.
    public var hosts: [String]

    /// The headers. Of names equal without case the last wins.
    public var headers: Headers

    /// These headers for these hosts.
    public init(hosts: [String], headers: Headers) {
      self.hosts = hosts
      self.headers = headers
    }
  }
}

extension ClientConfiguration.AppHeaders: CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The hosts and the names of the headers.
  public var description: String {
    "AppHeaders(hosts: \(hosts), headers: \(headers.map(\.name)))"
  }

  /// The same.
  public var debugDescription: String {
    description
  }

  /// The same: `dump` and a debugger show no value either.
  public var customMirror: Mirror {
    Mirror(self, children: ["hosts": hosts, "headers": headers.map(\.name)])
  }
}
