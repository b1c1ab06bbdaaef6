public import Foundation

/// Why a call has no response.
///
/// The list is closed: every failure is one of ``Errno/all`` with one of its ``Errno/details``, the
/// same on every platform. None holds anything of the request but the name of a field.
///
/// ```swift
/// do {
///   show(try await client.request(options))
/// } catch let error as GadgetError where error.errno == .timedOut {
///   retryLater()
/// }
/// ```
public struct GadgetError: Error, Sendable, Equatable {
  /// The group of errors that this one belongs to.
  public let errno: Errno

  /// The words of the group, as a mini program sees them in `errString`.
  public let errString: String

  /// What it was, one of ``Errno/details``; with errno 104 the reason may follow, behind `: `.
  public let detail: String

  /// The call's id, also of a call that never left the device.
  public let trace: String

  /// What an awaited call throws: nothing but its task's cancellation aborts it.
  var inAwaitedCall: any Error {
    errno == .cancelled && detail == "abort" ? CancellationError() : self
  }
}

extension GadgetError: CustomStringConvertible, LocalizedError {
  /// What a mini program sees in `errMsg`: `request:fail ` and the detail.
  public var description: String {
    "request:fail \(detail)"
  }

  /// The same, for `localizedDescription`; it is not translated.
  public var errorDescription: String? {
    description
  }
}
