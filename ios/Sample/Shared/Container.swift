import Foundation
import GadgetRequest

// #region container
/// What a container app has once for all of its mini programs.
@MainActor
final class Container {
  #if canImport(Network) && canImport(UIKit)
    private let network = NetworkObserver()
    private let foreground = ForegroundObserver()
  #endif

  /// Opens a mini program of a user. It ends when the client is released.
  func open(appID: String, version: String, userFolder: URL) throws -> GadgetClient {
    var configuration = ClientConfiguration(appID: appID, appVersion: version)
    configuration.cookieDirectory = userFolder.appendingPathComponent("cookies")
    configuration.backgroundGrace = 5
    let client = try GadgetClient(configuration: configuration)
    #if canImport(Network) && canImport(UIKit)
      network.add(client)
      foreground.add(client)
    #endif
    return client
  }
}
// #endregion
