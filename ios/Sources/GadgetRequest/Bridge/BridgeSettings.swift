import Foundation

/// The settings of a bridge, with the names of their fields in core/src/bridge/settings.rs.
struct BridgeSettings: Encodable {
  let origins: [String]
  let frames: Bool
  let name: String
  /// The name of the script message handler.
  let channel = "gadgetRequest"

  /// Returns the JSON document that the engine reads.
  func json() throws -> String {
    String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
  }
}
