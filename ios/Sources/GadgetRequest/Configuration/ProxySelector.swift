/// Chooses the proxy of each request for the host app; `SystemProxy` does, as the device's settings
/// say.
///
/// The engine asks it for each request and each redirect, unless
/// ``ClientConfiguration/proxyBypass`` has the host. A connection is used again only by requests
/// that get the same proxy. See `docs/connections.md`.
///
/// The engine calls it on its own threads, on several at once. It may block; its time counts as
/// time to connect (``ClientConfiguration/connectTimeout``), so that a call whose selector hangs
/// fails with errno 302 `timeout`. It must not wait for a call of a client that asks it. The engine
/// does not interrupt it when a call ends, and at most 32 calls of selectors and resolvers run at a
/// time in a process, 10 for a client. So a selector needs its own timeout.
///
/// ```swift
/// struct OfficeProxy: ProxySelector {
///   func select(_ origin: String) throws -> String? {
///     origin.hasSuffix(".corp.example/") ? "http://proxy.corp.example:8080" : nil
///   }
/// }
/// ```
public protocol ProxySelector: Sendable {
  /// Returns the proxy for requests to an origin.
  ///
  /// - Parameter origin: A URL without path and query, such as `https://www.example.com/`.
  /// - Returns: A URL as in ``ClientConfiguration/proxy``; `nil` if the requests need no proxy.
  ///   With any other text the call fails with errno 305 `proxy failed`, and nothing is sent.
  /// - Throws: Any error. The call then fails with errno 305 `proxy failed`.
  func select(_ origin: String) throws -> String?
}
