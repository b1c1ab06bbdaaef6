import Foundation

/// Pieces of the engine's memory, as bindings/uniffi/src/plain.rs passes them: valid until the
/// completion that got them returns.
struct Parts {
  /// Pairs of an address and a length.
  private let places: UnsafeBufferPointer<UInt64>

  /// - Parameters:
  ///   - address: The address of the pairs.
  ///   - count: How many pairs there are.
  init(_ address: UInt64, _ count: UInt64) {
    places = UnsafeBufferPointer(
      start: UnsafePointer(bitPattern: UInt(address)), count: 2 * Int(count))
  }

  /// The number of parts.
  var count: Int {
    places.count / 2
  }

  /// Returns the bytes of a part; `nil` if there are none.
  func bytes(_ index: Int) -> UnsafeRawBufferPointer? {
    guard let start = UnsafeRawPointer(bitPattern: UInt(places[2 * index])) else { return nil }
    return UnsafeRawBufferPointer(start: start, count: Int(places[2 * index + 1]))
  }

  /// Copies a part.
  func data(_ index: Int) -> Data? {
    bytes(index).map { bytes in
      bytes.baseAddress.map { Data(bytes: $0, count: bytes.count) } ?? Data()
    }
  }

  /// The texts from this part on, by turns the names and the values of header fields.
  func fields(from first: Int) -> Headers {
    var fields: [Headers.Field] = []
    fields.reserveCapacity((count - first) / 2)
    for index in stride(from: first, to: count - 1, by: 2) {
      fields.append(Headers.Field(name: text(index) ?? "", value: text(index + 1) ?? ""))
    }
    return Headers(fields)
  }

  /// Copies a part that is a text.
  func text(_ index: Int) -> String? {
    bytes(index).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension Data {
  /// Copies bytes of the engine's memory.
  init(_ address: UInt64, _ length: UInt64) {
    guard let start = UnsafeRawPointer(bitPattern: UInt(address)), length > 0 else {
      self = Data()
      return
    }
    self.init(bytes: start, count: Int(length))
  }
}
