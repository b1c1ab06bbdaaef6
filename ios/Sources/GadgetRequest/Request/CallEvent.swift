/// What has just happened to one call: for a ``CallObserver``.
///
/// It shows what the mini program may see, and no more. The values of `cookie`, `authorization`,
/// `proxy-authorization` and of ``ClientConfiguration/appHeaders`` read `[redacted]`. URLs, other
/// headers and statuses are shown as they are, so an event is no line for a log.
public struct CallEvent: Sendable {
  /// The id of the call.
  public let trace: String

  /// When it happened, as in ``Timing``: milliseconds since 1970, with microseconds as decimals.
  public let at: Double

  /// What happened.
  public let step: CallStep

  /// How many events right before this one were lost, because the observer was too slow. Mostly 0.
  public let dropped: Int

  /// The event as JSON: the form that all languages and tools share.
  public let json: String
}

/// The step of a call that a ``CallEvent`` tells of.
///
/// Later versions may have more steps.
public enum CallStep: Sendable {
  /// The call was started. The URL has the data of its query, or is as it was given if the call is
  /// refused; both are `nil` if the options cannot be read.
  case start(method: String?, url: String?)

  /// All places were taken, and the call waits behind so many others.
  case queued(ahead: Int)

  /// The call got its place: so many calls are in flight now, with this one, and so many wait.
  case dispatched(inFlight: Int, queued: Int)

  /// The request got a connection, which was opened for another call if it is reused. The address
  /// is the server's, or the proxy's; the protocol is `http1.1` or `h2`.
  case connection(isReused: Bool, peerIP: String?, port: Int?, protocol: String)

  /// The request is handed to the connection, with a body of so many bytes.
  case request(method: String, url: String, headers: Headers, bytes: Int)

  /// The head of a response is there, of a redirect too, before decoding.
  case head(status: Int, headers: Headers)

  /// The request is sent again, because its server or its connection has lost it. The words of the
  /// reason may change: decide nothing by them.
  case retry(reason: String, count: Int)

  /// The response leads to another URL, and the call follows it.
  case redirect(status: Int, url: String)

  /// The call has its outcome: a status, or why there is none. The profile is `nil` if the call
  /// never got a place.
  case end(result: Result<Int, GadgetError>, timing: Timing?)
}
