import Foundation
internal import GadgetRequestGenerated

extension GadgetClient {
  /// Starts a call, whose completion runs on a thread of the engine.
  func start(
    _ options: RequestOptions,
    _ completion: @escaping @Sendable (Result<Response, GadgetError>) -> Void
  ) -> RequestTask {
    let options = PlainOptions(options)
    return RequestTask(
      client.startPlain(
        flags: options.flags, timeout: options.timeout, texts: options.texts, data: options.data,
        completion: RequestCompletion(completion)))
  }

  /// Starts a call of a JavaScript engine, whose completion runs on a thread of the engine.
  func start(
    optionsJSON: String, body: Data?, _ completion: @escaping @Sendable (InvokeResult) -> Void
  ) -> RequestTask {
    RequestTask(
      client.invokePlain(
        optionsJson: Data(Limit.cut(optionsJSON).utf8), hasBody: body != nil,
        body: body.map(Limit.cut) ?? Data(), completion: InvokeCompletion(completion)))
  }
}
