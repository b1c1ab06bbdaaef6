internal import GadgetRequestGenerated

/// Passes the outcome of a call to a closure.
final class RequestCompletion: PlainCompletion {
  private let completion: @Sendable (Result<Response, GadgetError>) -> Void

  init(_ completion: @escaping @Sendable (Result<Response, GadgetError>) -> Void) {
    self.completion = completion
  }

  func responded(status: UInt16, parts: UInt64, count: UInt64) {
    completion(.success(Response(status: Int(status), Parts(parts, count))))
  }

  func failed(errno: UInt32, parts: UInt64, count: UInt64) {
    let (parts, errno) = (Parts(parts, count), Errno(rawValue: Int(errno)))
    completion(
      .failure(
        GadgetError(
          errno: errno, errString: errno.errString, detail: parts.text(1) ?? "",
          trace: parts.text(0) ?? "", cause: parts.text(2),
          timing: parts.bytes(3).map(Timing.init))))
  }
}

/// Passes the result object of a call to a closure.
final class InvokeCompletion: PlainInvokeCompletion {
  private let completion: @Sendable (InvokeResult) -> Void

  init(_ completion: @escaping @Sendable (InvokeResult) -> Void) {
    self.completion = completion
  }

  func finished(isSuccess: Bool, parts: UInt64, count: UInt64) {
    let parts = Parts(parts, count)
    completion(
      InvokeResult(
        isSuccess: isSuccess, json: parts.text(0) ?? "", arrayBuffer: parts.data(1)))
  }
}
