import Foundation
internal import GadgetRequestGenerated

extension GadgetClient {
  /// Starts a call, whose completion runs on a thread of the engine.
  func start(
    _ options: RequestOptions,
    _ completion: @escaping @Sendable (Result<Response, GadgetError>) -> Void
  ) -> RequestTask {
    let adapter = RequestCompletion(completion)
    return RequestTask(client.start(request: RequestRecord(options), completion: adapter))
  }

  /// Starts a call of a JavaScript engine, whose completion runs on a thread of the engine.
  func start(
    optionsJSON: String, body: Data?, _ completion: @escaping @Sendable (InvokeResult) -> Void
  ) -> RequestTask {
    let task = client.invoke(
      optionsJson: Limit.cut(optionsJSON), body: body.map(Limit.cut),
      completion: InvocationCompletion(completion))
    return RequestTask(task)
  }
}
