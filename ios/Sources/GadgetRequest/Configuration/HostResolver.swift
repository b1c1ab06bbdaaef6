/// Finds the addresses of host names in the host app's own way, such as HttpDNS.
///
/// It is asked for each new connection, and what it answers is judged
/// (``ClientConfiguration/allowsPrivateAddresses``) and connected to, but not kept. It is never
/// asked for an address, for `localhost` and what is below it, nor for what
/// ``ClientConfiguration/resolve`` has; where there is a ``ClientConfiguration/proxy``, for the
/// proxy's name alone.
///
/// It is called on threads of the engine, several at once, and may block. Its time counts as time
/// to connect (``ClientConfiguration/connectTimeout``). A call that is over does not interrupt it,
/// and there are 64 such threads for all clients: an answer that may never come needs a limit of
/// its own.
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
  /// The addresses of a host.
  ///
  /// - Parameter host: The name, in lower case and Punycode.
  /// - Returns: IPv4 and IPv6 addresses as text, without brackets or port, in the order in which
  ///   they are to be tried; none: the system is asked.
  /// - Throws: Any error: the call fails with errno 305 `name not resolved`, as it does where one
  ///   of the texts is no address.
  func resolve(_ host: String) throws -> [String]
}
