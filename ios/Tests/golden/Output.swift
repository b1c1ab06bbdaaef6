import Foundation
import GadgetRequest

/// Standard output, written one piece at a time, because results come on the engine's threads.
final class Output: Sendable {
  private let lock = NSLock()

  func write(_ line: String, _ pieces: Data...) {
    let output = pieces.reduce(Data((line + "\n").utf8), +)
    // An error means that nobody reads any more; then the input ends, too.
    lock.withLock { try? FileHandle.standardOutput.write(contentsOf: output) }
  }

  func write(_ result: InvokeResult, of name: String) {
    let (json, buffer) = (Data(result.json.utf8), result.arrayBuffer)
    write("result \(name) \(json.count) \(buffer?.count ?? -1)", json, buffer ?? Data())
  }
}
