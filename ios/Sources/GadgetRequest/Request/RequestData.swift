public import Foundation

/// The data of a call; the method decides how it is sent (`docs/contract.md#3-data-out`).
public enum RequestData: Sendable, Equatable {
  /// Text. It is the body, unchanged. GET and HEAD append it to the query, unchanged.
  case text(String)

  /// The JSON text of an object or array.
  ///
  /// It is the body, unchanged. If the content type is a form, it is sent as a form body. GET,
  /// HEAD, DELETE and OPTIONS append it to the query. 64-bit integers keep their digits.
  case json(String)

  /// Bytes. They are the body. GET and HEAD fail with errno 104.
  case bytes(Data)
}
