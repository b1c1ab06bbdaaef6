/// Finds the addresses of host names for the host app, by HttpDNS for example.
///
/// The engine asks it for each new connection. It judges the addresses
/// (``ClientConfiguration/allowsPrivateAddresses``), connects to them and does not keep them. It
/// never asks for an IP address, `localhost` or a name below it, or a host and port in
/// ``ClientConfiguration/resolve``. If there is a ``ClientConfiguration/proxy``, it asks only for
/// the proxy's name. See `docs/contract.md#14-connections`.
///
/// The engine calls it on its own threads, on several at once. It may block; its time counts as
/// time to connect (``ClientConfiguration/connectTimeout``). It must not wait for a call of a
/// client that asks it. The engine does not interrupt it when a call ends, and at most 32 calls of
/// resolvers run at a time in a process, 10 for a client. So a resolver needs its own timeout.
///
/// ```swift
/// struct HTTPDNS: HostResolver {
///   let service: HTTPDNSService
///
///   func resolve(_ host: String) throws -> [String] {
///     service.cachedAddresses(of: host) ?? []
///   }
/// }
/// ```
public protocol HostResolver: Sendable {
  /// Returns the addresses of a host.
  ///
  /// - Parameter host: The name, in lower case and Punycode.
  /// - Returns: IPv4 and IPv6 addresses as text, without brackets or port, in the order in which
  ///   the engine tries them. If it is empty, the engine asks the system.
  /// - Throws: Any error. The call then fails with errno 305 `name not resolved`. It fails in the
  ///   same way if one of the texts is not an address.
  func resolve(_ host: String) throws -> [String]
}
