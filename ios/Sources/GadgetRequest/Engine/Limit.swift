import Foundation

/// Cuts values that are too large to cross the boundary.
///
/// UniFFI counts bytes in 32 bits and ends the app if there are more. The engine refuses options
/// over 100 MiB anyway, so it gets just enough of a larger value to refuse it.
enum Limit {
  /// One byte more than the engine takes.
  static let bytes = 100 * 1024 * 1024 + 1

  /// A text that the engine refuses because of its size.
  static var tooLarge: String {
    String(decoding: Data(count: bytes), as: UTF8.self)
  }

  /// Cuts a text; if it was too large, it still is.
  static func cut(_ text: String) -> String {
    guard text.utf8.count > bytes else { return text }
    // If this cuts a character in two, its rest becomes U+FFFD, so the text stays too large.
    return String(decoding: text.utf8.prefix(bytes), as: UTF8.self)
  }

  /// Cuts bytes; if they were too many, they still are.
  static func cut(_ data: Data) -> Data {
    data.count > bytes ? data.prefix(bytes) : data
  }
}
