public import Foundation

/// What to send with a call; how it goes out depends on the method.
public enum RequestData: Sendable, Equatable {
  /// Text: the body as it stands; GET and HEAD append it to the query as it stands.
  case text(String)

  /// The JSON text of an object or array: a JSON body as it stands, a form body if the content-type
  /// says so, or the query (GET, HEAD, DELETE, OPTIONS). 64-bit integers keep their digits.
  case json(String)

  /// Bytes: the body as they are; GET and HEAD take none.
  case bytes(Data)
}
