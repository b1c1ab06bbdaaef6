public import Foundation
internal import GadgetRequestGenerated

/// Makes the requests of one running mini program.
///
/// A client has its connections to itself and shares the engine's two threads with all others. It is
/// made quickly: connections, and TLS, come with the first call that needs them. Everything here may
/// be called from any thread.
///
/// ```swift
/// let client = try GadgetClient(
///   configuration: ClientConfiguration(appID: "cli_9dff7f6ae02ad104", appVersion: "1.2.0"))
/// let response = try await client.request(RequestOptions("https://www.toutiao.com"))
/// ```
///
/// At most ten calls are in flight at a time; more wait, first in, first out, and their timeout
/// begins when their turn has come. ``inFlight`` and ``queued`` count them, and
/// ``ClientConfiguration/maxQueued`` and ``ClientConfiguration/queueTimeout`` limit the waiting.
///
/// A client watches neither the network nor the app: the host tells it, by ``setOnline(_:)``,
/// ``enterBackground()`` and ``enterForeground()``.
///
/// When the last reference to a client goes, calls still under way or waiting complete with errno
/// 301 `client closed`, as after ``shutdown()``. A call that is awaited keeps its client; one with a
/// completion does not.
public final class GadgetClient: Sendable {
  private let client: Client

  /// Makes a client; nothing is sent, loaded or resolved yet.
  ///
  /// What the host gives beside the configuration is held until the client and its jar are gone.
  ///
  /// - Parameters:
  ///   - configuration: What the host app settles once.
  ///   - cookieStorage: Where the host itself keeps the cookies, such as the keychain; then
  ///     ``ClientConfiguration/cookieDirectory`` does not count, and the jar is shared with no
  ///     other client. A host gives each app id of each of its users a storage.
  ///   - resolver: What finds the addresses of host names before the system is asked.
  /// - Throws: ``GadgetConfigurationError``, which names the field, for a setting that cannot be.
  public init(
    configuration: ClientConfiguration,
    cookieStorage: (any CookieStorage)? = nil,
    resolver: (any HostResolver)? = nil
  ) throws {
    do {
      client = try Client.with(
        configJson: configuration.json(), storage: cookieStorage.map { StorageAdapter($0) },
        resolver: resolver.map { ResolverAdapter($0) })
    } catch ConfigFailure.Invalid(let reason) {
      throw GadgetConfigurationError(reason: reason)
    }
  }

  deinit {
    // A jar may outlive its client, and holds the engine's.
    client.shutdown()
  }

  /// Makes a call and waits for its response.
  ///
  /// Any HTTP status is a response, 404 and 500 too. Cancelling the Swift task aborts the call and
  /// closes its connection or stream; a call whose task is cancelled before it starts sends nothing.
  ///
  /// - Parameter options: What to request; the engine checks it.
  /// - Returns: The response, its body decoded.
  /// - Throws: `CancellationError` if the task was cancelled before the call had its outcome;
  ///   ``GadgetError`` for everything else, errno 104 for options that cannot be.
  public func request(_ options: RequestOptions) async throws -> Response {
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
      try Task.checkCancellation()
      return try await withCheckedThrowingContinuation { continuation in
        let task = request(options) { result in
          continuation.resume(with: result.mapError(\.inAwaitedCall))
        }
        cancellation.applies(to: task)
      }
    } onCancel: {
      cancellation.cancel()
    }
  }

  /// Starts a call.
  ///
  /// - Parameters:
  ///   - options: What to request; the engine checks it.
  ///   - completion: Gets the outcome: exactly once, on a thread of the engine, never from within
  ///     this function or from within ``RequestTask/abort()``, though possibly before they return.
  ///     It must not block; it may start, abort and shut down.
  /// - Returns: The call under way. Letting go of it leaves the call alone.
  @discardableResult
  public func request(
    _ options: RequestOptions,
    completion: @escaping @Sendable (Result<Response, GadgetError>) -> Void
  ) -> RequestTask {
    let adapter = RequestCompletion(completion)
    return RequestTask(client.start(request: RequestRecord(options), completion: adapter))
  }

  /// Makes a call of a JavaScript engine and waits for its result object.
  ///
  /// Cancelling the Swift task aborts the call; its result is then the `fail` object with errno 301.
  ///
  /// - Parameters:
  ///   - optionsJSON: The options object, as `JSON.stringify` gives it.
  ///   - body: The bytes of `data` where that is an ArrayBuffer; `nil` and empty bytes differ.
  /// - Returns: The argument of `success` or of `fail`; a failure is no error here.
  public func invoke(optionsJSON: String, body: Data? = nil) async -> InvokeResult {
    let cancellation = Cancellation()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let task = invoke(optionsJSON: optionsJSON, body: body) { result in
          continuation.resume(returning: result)
        }
        cancellation.applies(to: task)
      }
    } onCancel: {
      cancellation.cancel()
    }
  }

  /// Starts a call of a JavaScript engine.
  ///
  /// - Parameters:
  ///   - optionsJSON: The options object, as `JSON.stringify` gives it.
  ///   - body: The bytes of `data` where that is an ArrayBuffer; `nil` and empty bytes differ.
  ///   - completion: Gets the result object, on the terms of ``request(_:completion:)``.
  /// - Returns: The call under way. Letting go of it leaves the call alone.
  @discardableResult
  public func invoke(
    optionsJSON: String,
    body: Data? = nil,
    completion: @escaping @Sendable (InvokeResult) -> Void
  ) -> RequestTask {
    let task = client.invoke(
      optionsJson: Limit.cut(optionsJSON), body: body.map(Limit.cut),
      completion: InvocationCompletion(completion))
    return RequestTask(task)
  }

  /// Calls that have one of the ten places, at this moment: those sent, and not yet answered to the
  /// last byte.
  public var inFlight: Int {
    Int(client.inFlight())
  }

  /// Calls that wait for a place, at this moment.
  ///
  /// One more than ``ClientConfiguration/maxQueued`` fails with errno 111 `too many requests`.
  public var queued: Int {
    Int(client.queued())
  }

  /// The cookies of the client's mini program, for the host to look at and to change.
  public var cookies: CookieJar {
    CookieJar(client)
  }

  /// Tells whether the device has a network; a client takes it to have one until told otherwise.
  ///
  /// While it has none, new calls fail with errno 303 `offline`, and so do those that wait for a
  /// place; what is in flight is left alone. Any number of times, from any thread.
  ///
  /// An iOS host calls it from the `pathUpdateHandler` of an `NWPathMonitor`, with
  /// `path.status != .unsatisfied`: a path that only requires a connection may come up for a call.
  ///
  /// - Parameter online: Whether it has one.
  public func setOnline(_ online: Bool) {
    client.setOnline(online: online)
  }

  /// Tells that the app went to the background.
  ///
  /// Nothing comes of it unless ``ClientConfiguration/backgroundGrace`` is set: after that time all
  /// calls, in flight and waiting, fail with errno 112 `app in background`, and so do new ones until
  /// ``enterForeground()``. Telling it twice is telling it once; from any thread.
  ///
  /// An iOS host calls it on `UIApplication.didEnterBackgroundNotification`.
  public func enterBackground() {
    client.enterBackground()
  }

  /// Tells that the app is in the foreground again: calls are taken as before.
  ///
  /// Any number of times, from any thread. An iOS host calls it on
  /// `UIApplication.willEnterForegroundNotification`.
  public func enterForeground() {
    client.enterForeground()
  }

  /// Ends the client: calls under way or waiting, and all later ones, complete with errno 301
  /// `client closed`.
  ///
  /// What has changed of its cookies is saved soon, on a thread of the engine, as it is where the
  /// client is let go of. A host that must know calls ``CookieJar/save()``.
  ///
  /// Any number of times, from any thread. Completions come on the engine's threads as always.
  public func shutdown() {
    client.shutdown()
  }
}
