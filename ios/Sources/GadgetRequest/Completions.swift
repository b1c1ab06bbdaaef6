internal import GadgetRequestGenerated

/// Hands a call's verdict to a closure.
final class RequestCompletion: Completion {
  private let completion: @Sendable (Result<Response, GadgetError>) -> Void

  init(_ completion: @escaping @Sendable (Result<Response, GadgetError>) -> Void) {
    self.completion = completion
  }

  func completed(outcome: Outcome) {
    switch outcome {
    case .success(let response):
      completion(.success(Response(response)))
    case .fail(let errno, let errString, let detail, let trace):
      completion(
        .failure(
          GadgetError(
            errno: Errno(rawValue: Int(errno)), errString: errString, detail: detail, trace: trace))
      )
    }
  }
}

/// Hands a call's result object to a closure.
final class InvocationCompletion: InvokeCompletion {
  private let completion: @Sendable (InvokeResult) -> Void

  init(_ completion: @escaping @Sendable (InvokeResult) -> Void) {
    self.completion = completion
  }

  func completed(result: GadgetRequestGenerated.InvokeResult) {
    completion(
      InvokeResult(
        isSuccess: result.isSuccess, json: result.json, arrayBuffer: result.arrayBuffer))
  }
}
