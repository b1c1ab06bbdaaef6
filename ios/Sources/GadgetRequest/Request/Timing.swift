/// When the phases of a call began and ended, and what went over the wire.
///
/// Every call that got a place in flight has one, also if it fails: it then has the phases that
/// happened. A phase without an end is the one that the call failed in, or that was under way when
/// it ended. What did not happen, or belongs to another call's connection, is `nil`.
///
/// Times are milliseconds since 1970, with microseconds as decimals. They come from one monotonic
/// clock, laid over the wall clock when the call started, so that they never run backwards. From
/// ``domainLookUpStart`` to ``socketReused`` all is about the last request that was sent: the last
/// redirect's, or the one that was sent again. See `docs/contract.md#4-result`.
public struct Timing: Sendable, Equatable {
  /// The call was started.
  public let invokeStart: Double

  /// It came into the queue.
  public let queueStart: Double

  /// It got its place: at the same moment, if one was free.
  public let queueEnd: Double

  /// The last request was begun: a connection was looked for.
  public let fetchStart: Double?

  /// The first request was begun, if a redirect was followed.
  public let redirectStart: Double?

  /// The last redirect's request was begun.
  public let redirectEnd: Double?

  /// The name service, or the host app's resolver, was asked for the host.
  public let domainLookUpStart: Double?

  /// It had answered.
  public let domainLookUpEnd: Double?

  /// A TCP connection was begun.
  public let connectStart: Double?

  /// The connection was ready, with its TLS and a proxy's tunnel.
  public let connectEnd: Double?

  /// The TLS handshake was begun; of two, through a proxy with TLS, the server's.
  public let sslConnectionStart: Double?

  /// It had succeeded.
  public let sslConnectionEnd: Double?

  /// The connection took the first byte of the request.
  public let requestStart: Double?

  /// It had taken the last one.
  public let requestEnd: Double?

  /// The head of the response was there.
  public let responseStart: Double?

  /// The last byte of its body was there.
  public let responseEnd: Double?

  /// The address that the connection leads to: the server's, or the proxy's.
  public let peerIP: String?

  /// The port of that address.
  public let port: Int?

  /// `http1.1` or `h2`.
  public let `protocol`: String?

  /// Whether the connection was opened for an earlier call, or for another that shares it.
  public let socketReused: Bool?

  /// The bytes of heads and bodies that the connections took, after TLS, for all requests of the
  /// call, redirects and repeats included.
  ///
  /// Over HTTP/2: its HEADERS, CONTINUATION and DATA frames.
  public let sendBytesCount: Int?

  /// The bytes that came, counted the same.
  public let receivedBytesCount: Int?

  /// The bytes of the body after content decoding, if it was read to its end.
  public let decodedBytes: Int?

  /// How many redirects were followed.
  public let redirectCount: Int

  /// How many requests were sent again, because a server or a connection had lost them.
  public let retryCount: Int
}
