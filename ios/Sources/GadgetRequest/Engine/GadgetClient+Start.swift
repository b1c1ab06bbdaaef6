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

  /// Starts a call whose events and completion come on threads of the engine.
  func start(
    _ options: RequestOptions, _ events: any Events,
    _ completion: @escaping @Sendable (Result<Response, GadgetError>) -> Void
  ) -> RequestTask {
    let options = PlainOptions(options)
    return RequestTask(
      client.startWithEvents(
        flags: options.flags, timeout: options.timeout, texts: options.texts, data: options.data,
        events: events, completion: RequestCompletion(completion)))
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

  /// Starts a call of a JavaScript engine whose events and completion come on threads of the
  /// engine.
  func start(
    optionsJSON: String, body: Data?, _ events: any Events,
    _ completion: @escaping @Sendable (InvokeResult) -> Void
  ) -> RequestTask {
    RequestTask(
      client.invokeWithEvents(
        optionsJson: Data(Limit.cut(optionsJSON).utf8), hasBody: body != nil,
        body: body.map(Limit.cut) ?? Data(), events: events,
        completion: InvokeCompletion(completion)))
  }
}
