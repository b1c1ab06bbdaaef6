import Foundation

/// Standard input: lines, each followed by as many bytes as it announces.
struct Input {
  /// The input ended before the announced bytes.
  struct CutShort: Error {}

  /// Reads the words of the next line; returns `nil` at the end of the input.
  func line() throws -> [String]? {
    var line = Data()
    while let byte = try FileHandle.standardInput.read(upToCount: 1)?.first {
      if byte == UInt8(ascii: "\n") {
        return String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
      }
      line.append(byte)
    }
    return nil
  }

  /// Reads exactly this many bytes, in pieces that a pipe can hold.
  func bytes(_ count: Int) throws -> Data {
    var bytes = Data()
    while bytes.count < count {
      let most = min(count - bytes.count, 1 << 16)
      guard let more = try FileHandle.standardInput.read(upToCount: most), !more.isEmpty
      else { throw CutShort() }
      bytes += more
    }
    return bytes
  }

  func text(_ count: Int) throws -> String {
    String(decoding: try bytes(count), as: UTF8.self)
  }
}
