extension Errno {
  /// All groups, in ascending order.
  public static let all: [Errno] = table.map { Errno(rawValue: $0.errno) }

  /// The name of the group, as in `errString`; empty if there is no group with this number.
  public var errString: String {
    Self.table.first { $0.errno == rawValue }?.errString ?? ""
  }

  /// The closed list of details that a ``GadgetError`` of this group can have.
  ///
  /// After a detail of errno 104, `: ` and the reason may follow.
  public var details: [String] {
    Self.table.first { $0.errno == rawValue }?.details ?? []
  }

  /// The table of docs/contract.md#fail, word for word; scripts/check-tables compares it.
  private static let table: [(errno: Int, errString: String, details: [String])] = [
    (102, "internal error", ["internal error"]),
    (103, "feature not support", ["feature not supported"]),
    (
      104, "invalid parameter",
      [
        "invalid options",
        "invalid url",
        "invalid method",
        "invalid data",
        "invalid header",
        "invalid dataType",
        "invalid responseType",
        "invalid timeout",
        "invalid redirect",
      ]
    ),
    (
      110, "API call prohibited",
      [
        "host not allowed",
        "cleartext not allowed",
        "private address not allowed",
      ]
    ),
    (111, "Too many API calls", ["too many requests"]),
    (112, "Unable to call this API in the background", ["app in background"]),
    (301, "Network request cancelled", ["abort", "client closed"]),
    (302, "Connection timed out", ["timeout"]),
    (303, "No network connection", ["offline"]),
    (
      304, "Internal error in network SDK",
      ["no trust anchors", "platform verifier not initialised"]
    ),
    (
      305, "Network failure",
      [
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
      ]
    ),
    (307, "Network SDK Parameter error", ["refused by the network stack"]),
  ]
}
