public import Foundation

/// The result object of a call, for JavaScript engines (`docs/contract.md#4-result`).
public struct InvokeResult: Sendable, Equatable {
  /// Whether it is the argument of `success`; otherwise it is the argument of `fail`.
  public let isSuccess: Bool

  /// The object as JSON. It has no `data` if ``arrayBuffer`` is set.
  ///
  /// A JSON body is part of it exactly as the server sent it, so 64-bit ids keep their digits.
  public let json: String

  /// The `data`, if that is an ArrayBuffer.
  public let arrayBuffer: Data?
}
