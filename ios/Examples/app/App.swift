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
  _ client: GadgetClient, optionsJSON: String, arrayBuffer: Data?, on javaScript: DispatchQueue,
  settle: @escaping @Sendable (InvokeResult) -> Void
) -> RequestTask {
  client.invoke(
    optionsJSON: optionsJSON, body: arrayBuffer, on: .queue(javaScript), completion: settle)
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

// #region stream
/// Writes a body to a file while it arrives.
///
/// Cancelling the task aborts the call.
func download(_ url: String, to file: FileHandle, with client: GadgetClient) async throws {
  let response = try await client.stream(RequestOptions(url))
  guard response.status == 200 else { throw CocoaError(.fileReadNoSuchFile) }
  for try await chunk in response.body { try file.write(contentsOf: chunk) }
}
// #endregion

// #region events
/// A call of `tt.request` whose task has listeners, which hear of the response while the call runs.
func call(
  _ client: GadgetClient, optionsJSON: String, on javaScript: DispatchQueue,
  hear: @escaping @Sendable (_ headJSON: String?, _ chunk: Data?) -> Void,
  settle: @escaping @Sendable (InvokeResult) -> Void
) -> RequestTask {
  client.invoke(
    optionsJSON: optionsJSON, on: .queue(javaScript),
    onHeadersReceived: { head in hear(head.json, nil) },
    onChunkReceived: { chunk in hear(nil, chunk) },
    completion: settle)
}
// #endregion

// #region decode
/// An order of the host app's server.
struct Order: Codable, Sendable {
  var id: Int64
  var goods: [String]
}

/// Sends an order as JSON, and reads the answer.
func place(_ order: Order, with client: GadgetClient) async throws -> Order {
  let options = RequestOptions(
    "https://example.com/orders", method: "POST", headers: [.accept("application/json")],
    data: try .encoding(order))
  return try await client.request(options).decode(Order.self)
}
// #endregion

// #region completion
/// Completions without a word about the place run on the main actor.
@MainActor
func show(_ url: String, with client: GadgetClient, in view: StatusView) -> RequestTask {
  client.request(RequestOptions(url)) { result in
    switch result {
    case .success(let response): view.text = "\(response.status)"
    case .failure(let error): view.text = "\(error), trace \(error.trace)"
    }
  }
}

/// On an actor, a completion gets the actor.
func log(_ url: String, with client: GadgetClient, to journal: Journal) {
  client.request(RequestOptions(url), on: journal) { journal, result in
    journal.add((try? result.get().status) ?? 0)
  }
}
// #endregion

/// A view of the host app.
@MainActor
final class StatusView {
  /// What it shows.
  var text = ""
}

/// What the host app keeps of its calls.
actor Journal {
  private var statuses: [Int] = []

  /// Adds the status of a call.
  func add(_ status: Int) {
    statuses.append(status)
  }
}

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

// #region device
#if canImport(Network) && canImport(UIKit)
  /// What the host app has once, and what knows each of its clients.
  @MainActor
  struct Device {
    let network = NetworkObserver()
    let foreground = ForegroundObserver()

    func add(_ client: GadgetClient) {
      network.add(client)
      foreground.add(client)
    }
  }
#endif
// #endregion

// #region storage
#if canImport(Security)
  /// A client whose cookies are in the keychain.
  func makeClient(_ configuration: ClientConfiguration, userID: String) throws -> GadgetClient {
    let account = "\(configuration.appID ?? "") of \(userID)"
    return try GadgetClient(
      configuration: configuration, cookieStorage: KeychainCookies(account: account))
  }
#endif
// #endregion

// #region web-view
#if canImport(WebKit)
  import WebKit

  /// Keeps a web view and the mini program logged in alike, as long as the result is kept.
  @MainActor
  func follow(_ client: GadgetClient, in webView: WKWebView) async -> WebViewCookies {
    let store = webView.configuration.websiteDataStore.httpCookieStore
    let cookies = WebViewCookies(jar: client.cookies, store: store, domains: ["example.com"])
    await cookies.synchronize()  // Before the first page.
    return cookies
  }
#endif
// #endregion
