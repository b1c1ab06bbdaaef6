public import Foundation

/// A setting that is not valid.
///
/// ``GadgetClient/init(configuration:cookieStorage:resolver:proxySelector:observer:)``, the setters
/// of its proxy and the initializer of `GadgetBridge` throw it, and ``RequestOptions/init(_:)`` for
/// a request of Foundation that it cannot take.
public struct GadgetConfigurationError: Error, Sendable, Equatable {
  /// A sentence that names the field of the JSON document: `timeout_ms: must be at least 1 …`.
  public let reason: String
}

extension GadgetConfigurationError: CustomStringConvertible, LocalizedError {
  /// The reason, for logs; it contains no secret of the configuration.
  public var description: String {
    reason
  }

  /// The reason for `localizedDescription`, not translated.
  public var errorDescription: String? {
    reason
  }
}
