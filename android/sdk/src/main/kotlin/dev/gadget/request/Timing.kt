package dev.gadget.request

import java.io.Serializable
import java.nio.ByteBuffer

/**
 * When the phases of a call began and ended, and what went over the wire
 * (docs/contract.md#4-result).
 *
 * Every call that got a place in flight has one, also if it fails: it then has the phases that
 * happened. A phase without an end is the one that the call failed in, or that was under way when
 * it ended. What did not happen, or belongs to another call's connection, is null.
 *
 * Times are milliseconds since 1970, with microseconds as decimals. They come from one monotonic
 * clock, laid over the wall clock when the call started, so that they never run backwards. From
 * [domainLookUpStart] to [socketReused] all is about the last request that was sent: the last
 * redirect's, or the one that was sent again.
 */
public class Timing internal constructor(private val bytes: ByteArray) : Serializable {
  /** The call was started. */
  public val invokeStart: Double get() = number(0) ?: Double.NaN

  /** It came into the queue. */
  public val queueStart: Double get() = number(1) ?: Double.NaN

  /** It got its place: at the same moment, if one was free. */
  public val queueEnd: Double get() = number(2) ?: Double.NaN

  /** The last request was begun: a connection was looked for. */
  public val fetchStart: Double? get() = number(3)

  /** The first request was begun, if a redirect was followed. */
  public val redirectStart: Double? get() = number(4)

  /** The last redirect's request was begun. */
  public val redirectEnd: Double? get() = number(5)

  /** The name service, or the host app's resolver, was asked for the host. */
  public val domainLookUpStart: Double? get() = number(6)

  /** It had answered. */
  public val domainLookUpEnd: Double? get() = number(7)

  /** A TCP connection was begun. */
  public val connectStart: Double? get() = number(8)

  /** The connection was ready, with its TLS and a proxy's tunnel. */
  public val connectEnd: Double? get() = number(9)

  /** The TLS handshake was begun; of two, through a proxy with TLS, the server's. */
  public val sslConnectionStart: Double? get() = number(10)

  /** It had succeeded. */
  public val sslConnectionEnd: Double? get() = number(11)

  /** The connection took the first byte of the request. */
  public val requestStart: Double? get() = number(12)

  /** It had taken the last one. */
  public val requestEnd: Double? get() = number(13)

  /** The head of the response was there. */
  public val responseStart: Double? get() = number(14)

  /** The last byte of its body was there. */
  public val responseEnd: Double? get() = number(15)

  /** The address that the connection leads to: the server's, or the proxy's. */
  public val peerIp: String?
    get() = if (bytes.size > NUMBERS * 8) bytes.decodeToString(NUMBERS * 8) else null

  /** The port of that address. */
  public val port: Int? get() = number(16)?.toInt()

  /** `http1.1` or `h2`. */
  public val protocol: String? get() = number(17)?.let { if (it == 2.0) "h2" else "http1.1" }

  /** True if the connection was opened for an earlier call, or for another that shares it. */
  public val socketReused: Boolean? get() = number(18)?.let { it == 1.0 }

  /**
   * The bytes of heads and bodies that the connections took, after TLS, for all requests of the
   * call, redirects and repeats included. Over HTTP/2: its HEADERS, CONTINUATION and DATA frames.
   */
  public val sendBytesCount: Long? get() = number(19)?.toLong()

  /** The bytes that came, counted the same. */
  public val receivedBytesCount: Long? get() = number(20)?.toLong()

  /** The bytes of the body after content decoding, if it was read to its end. */
  public val decodedBytes: Long? get() = number(21)?.toLong()

  /** How many redirects were followed. */
  public val redirectCount: Int get() = number(22)?.toInt() ?: 0

  /** How many requests were sent again, because a server or a connection had lost them. */
  public val retryCount: Int get() = number(23)?.toInt() ?: 0

  /** A number that the engine has written (bindings/uniffi/src/timing.rs); null if it is absent. */
  private fun number(index: Int): Double? = if (bytes.size < NUMBERS * 8) {
    null
  } else {
    ByteBuffer.wrap(bytes).getDouble(index * 8).takeUnless(Double::isNaN)
  }

  internal companion object {
    private const val serialVersionUID = 1L
    private const val NUMBERS = 24

    /** A profile without numbers. Only tests have responses without one. */
    val NONE: ByteArray = ByteArray(0)
  }
}
