package dev.gadget.request

/**
 * The groups of errors, as the platform numbers them, and the closed list of details of each
 * (docs/contract.md#4-result). The same numbers and words on every platform.
 *
 * @property code the number, as in [GadgetException.errno]
 * @property errString the words of the platform's table, as in [GadgetException.errString]
 * @property details what [GadgetException.detail] can be; of [INVALID_PARAMETER] it is the
 *   beginning, and `: ` and the reason or the header's name may follow
 */
public enum class Errno(
  public val code: Int,
  public val errString: String,
  public val details: List<String>,
) {
  /** A bug of ours. */
  INTERNAL(102, "internal error", listOf("internal error")),

  /** The host does not offer what was asked for. */
  NOT_SUPPORTED(103, "feature not support", listOf("feature not supported")),

  /** Something in the options is wrong; nothing was sent. */
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

  /** The host's policy forbids the call. */
  PROHIBITED(
    110,
    "API call prohibited",
    listOf("host not allowed", "cleartext not allowed", "private address not allowed"),
  ),

  /** Too many calls wait already. */
  TOO_MANY_CALLS(111, "Too many API calls", listOf("too many requests")),

  /** The app is in the background. */
  IN_BACKGROUND(
    112,
    "Unable to call this API in the background",
    listOf("app in background"),
  ),

  /** The call was aborted, or its client closed. */
  CANCELLED(301, "Network request cancelled", listOf("abort", "client closed")),

  /** The call took too long. */
  TIMED_OUT(302, "Connection timed out", listOf("timeout")),

  /** The device has no network. */
  NO_NETWORK(303, "No network connection", listOf("offline")),

  /** The network stack could not be set up. */
  NETWORK_SDK(
    304,
    "Internal error in network SDK",
    listOf("no trust anchors", "platform verifier not initialised"),
  ),

  /** The network, or the server, failed. */
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

  /** The network stack does not take the request (a URL over 64 KiB). */
  NETWORK_SDK_PARAMETER(
    307,
    "Network SDK Parameter error",
    listOf("refused by the network stack"),
  ),
  ;

  public companion object {
    /** The group with this number; null if there is none. */
    @JvmStatic
    public fun of(code: Int): Errno? = entries.find { it.code == code }
  }
}
