package dev.gadget.request

/**
 * The groups of errors, with the platform's numbers, and the closed list of details of each
 * (docs/contract.md#fail). Numbers and words are the same on every platform.
 *
 * The engine knows no other number. If one came nevertheless, it would be [INTERNAL].
 *
 * @property code the number, 102 to 307
 * @property errString the words of the platform's table
 * @property details all values of [GadgetException.detail]. In [INVALID_PARAMETER] they are the
 *   beginning: `: ` and the reason, or the header's name, may follow
 */
public enum class Errno(
  public val code: Int,
  public val errString: String,
  public val details: List<String>,
) {
  /** A bug of the engine, or a process that cannot start threads. */
  INTERNAL(102, "internal error", listOf("internal error")),

  /** The host app does not offer the API: to a page that [GadgetBridge] refuses. */
  NOT_SUPPORTED(103, "feature not support", listOf("feature not supported")),

  /** A field of the options is wrong. Nothing was sent. */
  INVALID_PARAMETER(
    104,
    "invalid parameter",
    listOf(
      "invalid options",
      "invalid url",
      "invalid method",
      "invalid data",
      "invalid header",
      "invalid dataType",
      "invalid responseType",
      "invalid timeout",
      "invalid redirect",
    ),
  ),

  /** The settings of the host app forbid the URL, or a redirect's. */
  PROHIBITED(
    110,
    "API call prohibited",
    listOf("host not allowed", "cleartext not allowed", "private address not allowed"),
  ),

  /** The queue is full. */
  TOO_MANY_CALLS(111, "Too many API calls", listOf("too many requests")),

  /** The host app is in the background, and the grace period has ended. */
  IN_BACKGROUND(
    112,
    "Unable to call this API in the background",
    listOf("app in background"),
  ),

  /** The call was aborted, or its client was closed. */
  CANCELLED(301, "Network request cancelled", listOf("abort", "client closed")),

  /** The call, its connection or its wait in the queue took too long. */
  TIMED_OUT(302, "Connection timed out", listOf("timeout")),

  /** The host app has reported that the device has no network. */
  NO_NETWORK(303, "No network connection", listOf("offline")),

  /** TLS could not be set up. */
  NETWORK_SDK(
    304,
    "Internal error in network SDK",
    listOf("no trust anchors", "platform verifier not initialised"),
  ),

  /** The network, the server or the proxy failed. */
  NETWORK_FAILURE(
    305,
    "Network failure",
    listOf(
      "name not resolved",
      "connection failed",
      "proxy failed",
      "tls: certificate expired",
      "tls: certificate not yet valid",
      "tls: wrong host",
      "tls: unknown issuer",
      "tls: revoked",
      "tls: pin mismatch",
      "tls: bad certificate",
      "tls: handshake failed",
      "protocol error",
      "head too large",
      "body cut short",
      "bad content coding",
      "body too large",
      "too many redirects",
      "redirect refused",
      "bad redirect",
    ),
  ),

  /** The network stack does not accept the URL, such as one over 64 KiB. */
  NETWORK_SDK_PARAMETER(
    307,
    "Network SDK Parameter error",
    listOf("refused by the network stack"),
  ),
  ;

  /** Reads numbers. */
  public companion object {
    /** The group with this number, or null if there is none. */
    @JvmStatic
    public fun of(code: Int): Errno? = entries.find { it.code == code }
  }
}
