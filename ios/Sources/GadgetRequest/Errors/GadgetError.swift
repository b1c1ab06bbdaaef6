public import Foundation

/// The reason why a call has no response.
///
/// The list is closed: every error has an errno of ``Errno/all`` and one of its ``Errno/details``,
/// the same on every platform. An error contains nothing of the request except the name of a field.
/// See `docs/contract.md#fail`.
///
/// ```swift
/// do {
///   show(try await client.request(options))
/// } catch let error as GadgetError where error.errno == .timedOut {
///   retryLater()
/// }
/// ```
public struct GadgetError: Error, Sendable, Equatable {
  /// The group of the error.
  public let errno: Errno

  /// The name of the group, which a mini program sees in `errString`.
  public let errString: String

  /// The detail, one of ``Errno/details``. With errno 104, `: ` and the reason may follow.
  public let detail: String

  /// The id of the call. A call that never left the device has one, too.
  public let trace: String

  /// Why the network failed the call, in words for engineers, such as
  /// `connect: connection refused (os error 61)`; nil if the network did not fail it. The words can
  /// change with each version. They contain nothing of the request.
  public let cause: String?

  /// The phases of the call that happened; `nil` if it never got a place in flight.
  public let timing: Timing?

  /// The error that an awaited call throws: only the cancellation of its task aborts it.
  var inAwaitedCall: any Error {
    errno == .cancelled && detail == "abort" ? CancellationError() : self
  }
}

extension GadgetError: CustomStringConvertible, LocalizedError {
  /// The text that a mini program sees in `errMsg`: `request:fail ` and the detail.
  public var description: String {
    "request:fail \(detail)"
  }

  /// The same text for `localizedDescription`, not translated.
  public var errorDescription: String? {
    description
  }
}
