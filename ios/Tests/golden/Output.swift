import Foundation

/// Standard output, one piece at a time: results come from the engine's threads.
final class Output: Sendable {
  private let lock = NSLock()

  func write(_ line: String, _ pieces: Data...) {
    let output = pieces.reduce(Data((line + "\n").utf8), +)
    // Nobody reads any more: then the input ends as well.
    lock.withLock { try? FileHandle.standardOutput.write(contentsOf: output) }
  }
}
