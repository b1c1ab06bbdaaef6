import Foundation

/// The text of a response and the JSON in it, made when they are first asked for.
///
/// `@unchecked`: the lock guards the mutable properties.
final class ResponseText: @unchecked Sendable {
  /// One for all texts, because it is held for moments only.
  private static let lock = NSLock()

  /// The text in UTF-8: mostly the body itself, which is not copied.
  let utf8: Data
  private let jsonRange: Range<Data.Index>?
  private var madeText: String?
  private var madeJSON: String?

  /// - Parameters:
  ///   - utf8: The text in UTF-8.
  ///   - jsonRange: Where in `utf8` the JSON is, if there is some.
  init(_ utf8: Data, jsonRange: Range<Data.Index>?) {
    (self.utf8, self.jsonRange) = (utf8, jsonRange)
  }

  /// The text.
  var text: String {
    if let made = Self.lock.withLock({ madeText }) { return made }
    let text = String(decoding: utf8, as: UTF8.self)
    Self.lock.withLock { madeText = text }
    return text
  }

  /// The JSON text, without the white space around it; `nil` if it is no JSON.
  var json: String? {
    guard let jsonRange else { return nil }
    if jsonRange == utf8.startIndex..<utf8.endIndex { return text }
    if let made = Self.lock.withLock({ madeJSON }) { return made }
    let json = String(decoding: utf8[jsonRange], as: UTF8.self)
    Self.lock.withLock { madeJSON = json }
    return json
  }
}

extension ResponseText: Equatable {
  static func == (one: ResponseText, other: ResponseText) -> Bool {
    one.utf8 == other.utf8 && (one.jsonRange == nil) == (other.jsonRange == nil)
  }
}
