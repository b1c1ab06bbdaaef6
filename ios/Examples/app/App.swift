// The parts that a host app adds to the smallest call. docs/ios.md shows this file in pieces.

import Foundation
import GadgetRequest

// #region client
/// One client for each running mini program of each user.
func makeClient(
  appID: String, userFolder: URL, addresses: any HostResolver
) throws -> GadgetClient {
  var configuration = ClientConfiguration(appID: appID, appVersion: "1.2.0")
  configuration.cookieDirectory = userFolder.appendingPathComponent("cookies")
  configuration.allowedHosts = ["example.com", "*.example.com"]
  configuration.allowsPrivateAddresses = false
  configuration.backgroundGrace = 5
  return try GadgetClient(configuration: configuration, resolver: addresses)
}
// #endregion

// #region invoke
/// A call of `tt.request`: the options as JSON, and the bytes of `data` if it is an ArrayBuffer.
func call(
  _ client: GadgetClient, optionsJSON: String, arrayBuffer: Data?,
  settle: @escaping @MainActor (InvokeResult) -> Void
) -> RequestTask {
  client.invoke(optionsJSON: optionsJSON, body: arrayBuffer) { result in
    // A thread of the engine: hand over at once.
    Task { await settle(result) }
  }
}
// #endregion

// #region await
/// A call by the host app.
///
/// Cancelling the task aborts the call.
func describe(_ url: String, with client: GadgetClient) async -> String {
  do {
    let response = try await client.request(RequestOptions(url))
    return "\(response.status), trace \(response.trace)"
  } catch let error as GadgetError where error.errno == .timedOut {
    return "later, trace \(error.trace)"
  } catch {
    return "\(error)"
  }
}
// #endregion

// #region resolver
/// Asks a service of the host app for addresses.
///
/// An empty answer: the system is asked.
struct HTTPDNS: HostResolver {
  let cached: @Sendable (String) -> [String]

  func resolve(_ host: String) throws -> [String] {
    cached(host)
  }
}
// #endregion

// #region storage
/// Keeps cookies in the keychain: pass it as `cookieStorage`.
struct KeychainCookies: CookieStorage {
  let read: @Sendable () throws -> Data?
  let write: @Sendable (Data) throws -> Void

  func load() throws -> Data? { try read() }
  func save(_ data: Data) throws { try write(data) }
}
// #endregion

// #region web-view
#if canImport(WebKit)
  import WebKit

  /// Keeps a web view logged in wherever the mini program is, until its task is cancelled.
  @MainActor
  func follow(_ jar: CookieJar, into store: WKHTTPCookieStore) async {
    let changes = jar.changes  // First listen, then copy: no change is missed.
    for cookie in jar.list().compactMap(\.httpCookie) { await store.setCookie(cookie) }
    for await change in changes {
      switch change {
      case .set(let cookie):
        if let cookie = cookie.httpCookie { await store.setCookie(cookie) }
      case .removed(let cookie):
        if let cookie = cookie.httpCookie { await store.deleteCookie(cookie) }
      }
    }
  }
#endif
// #endregion
