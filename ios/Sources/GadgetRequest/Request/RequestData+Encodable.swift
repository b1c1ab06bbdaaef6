public import Foundation

extension RequestData {
  /// Writes a value as JSON; the method and the content type decide how it is sent.
  ///
  /// ```swift
  /// let options = RequestOptions(url, method: "POST", data: try .encoding(order))
  /// ```
  ///
  /// POST sends it as a JSON body, or as a form if the content type is
  /// `application/x-www-form-urlencoded`. GET appends it to the query. The value must become an
  /// object or an array; otherwise the call fails with errno 104.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - encoder: Writes the JSON, with the host app's strategies for dates and keys.
  /// - Returns: The data, a ``json(_:)``.
  /// - Throws: What the encoder throws: `EncodingError` if the value cannot be written.
  public static func encoding(
    _ value: some Encodable, with encoder: JSONEncoder = JSONEncoder()
  ) throws -> RequestData {
    .json(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}
