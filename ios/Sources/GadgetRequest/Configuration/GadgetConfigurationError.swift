public import Foundation

/// A configuration that cannot be.
public struct GadgetConfigurationError: Error, Sendable, Equatable {
  /// A sentence that names the field, as the document has it: `timeout_ms: must be at least 1 …`.
  public let reason: String
}

extension GadgetConfigurationError: CustomStringConvertible, LocalizedError {
  /// The reason, for logs: it holds no secret of the configuration.
  public var description: String {
    reason
  }

  /// The same, for `localizedDescription`; it is not translated.
  public var errorDescription: String? {
    reason
  }
}
