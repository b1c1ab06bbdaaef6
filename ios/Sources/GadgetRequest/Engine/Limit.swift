import Foundation

/// Keeps from the boundary what it cannot carry.
///
/// UniFFI counts bytes in 32 bits and ends the app where they do not suffice. The engine refuses
/// options over 100 MiB in any case: of what is larger it gets just enough to do so.
enum Limit {
  /// One more than the engine takes.
  static let bytes = 100 * 1024 * 1024 + 1

  /// A text that the engine refuses for its size.
  static var tooLarge: String {
    String(decoding: Data(count: bytes), as: UTF8.self)
  }

  static func cut(_ text: String) -> String {
    guard text.utf8.count > bytes else { return text }
    // A character cut in two becomes a longer one, so this stays over the limit.
    return String(decoding: text.utf8.prefix(bytes), as: UTF8.self)
  }

  static func cut(_ data: Data) -> Data {
    data.count > bytes ? data.prefix(bytes) : data
  }
}
