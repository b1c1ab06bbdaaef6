public import Foundation

/// The result object of a call, for JavaScript engines.
public struct InvokeResult: Sendable, Equatable {
  /// Whether it is the argument of `success`, not of `fail`.
  public let isSuccess: Bool

  /// The object as JSON, without its `data` where ``arrayBuffer`` has that.
  ///
  /// A JSON body stands in it to the letter, so 64-bit ids survive to whoever parses it.
  public let json: String

  /// Its `data` where that is an ArrayBuffer.
  public let arrayBuffer: Data?
}
