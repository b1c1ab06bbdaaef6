extension ClientConfiguration {
  /// Headers that the host app adds to the requests to some hosts.
  ///
  /// They win over the headers of the caller and of the engine, also over reserved ones such as
  /// `referer`. They must not contain `cookie` or a header of the connection (`host`,
  /// `content-length` and the like). See `docs/contract.md#2-headers-out`.
  ///
  /// ```swift
  /// configuration.appHeaders = [
  ///   .init(hosts: ["https://*.example.com"], headers: ["x-session": token])
  /// ]
  /// ```
  ///
  /// If you print, dump or interpolate it, the text shows no header value, so that logs stay clean.
  public struct AppHeaders: Sendable, Equatable {
    /// The hosts, written as in ``ClientConfiguration/allowedHosts``.
    ///
    /// Write `https://` before the hosts that get a token, so that it never goes out in cleartext.
    public var hosts: [String]

    /// The headers. If names are equal without case, the last one wins.
    public var headers: Headers

    /// Adds headers to the requests to some hosts.
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

  /// The text of ``description``.
  public var debugDescription: String {
    description
  }

  /// A mirror without the values, so that `dump` and a debugger show none.
  public var customMirror: Mirror {
    Mirror(self, children: ["hosts": hosts, "headers": headers.map(\.name)])
  }
}
