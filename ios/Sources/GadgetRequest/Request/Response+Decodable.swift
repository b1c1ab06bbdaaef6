public import Foundation

extension Response {
  /// Reads a value from the JSON of the body.
  ///
  /// ```swift
  /// let order = try await client.request(options).decode(Order.self)
  /// ```
  ///
  /// It works for any status, any content type and any ``RequestOptions/responseType``, on the
  /// thread that calls it. Text in another charset than UTF-8 is converted before.
  ///
  /// - Parameters:
  ///   - type: The type of the value.
  ///   - decoder: Reads the JSON, with the host app's strategies for dates and keys.
  /// - Returns: The value.
  /// - Throws: What the decoder throws: `DecodingError` if the body is not this JSON.
  public func decode<Value: Decodable>(
    _ type: Value.Type = Value.self, decoder: JSONDecoder = JSONDecoder()
  ) throws -> Value {
    try decoder.decode(type, from: content?.utf8 ?? body)
  }
}
