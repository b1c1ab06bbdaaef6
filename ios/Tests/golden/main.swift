// The Swift face of scripts/golden. Reads requests from standard input, one after another: a line with
// the lengths of the options and of the bytes (-1: none), then both; writes results likewise: the JSON
// and the ArrayBuffer. Its configuration is in GADGET_CONFIG.

import Foundation
import GadgetRequest

/// Exactly so many bytes, as many at a time as a pipe holds.
func read(_ count: Int) throws -> Data {
  var bytes = Data()
  while bytes.count < count {
    let most = min(count - bytes.count, 1 << 16)
    guard let more = try FileHandle.standardInput.read(upToCount: most), !more.isEmpty
    else { throw CocoaError(.fileReadCorruptFile) }
    bytes += more
  }
  return bytes
}

/// The numbers of the next line; none at the end of the input.
func readNumbers() throws -> [Int] {
  var line = ""
  while let byte = try FileHandle.standardInput.read(upToCount: 1)?.first,
    byte != UInt8(ascii: "\n")
  {
    line.unicodeScalars.append(Unicode.Scalar(byte))
  }
  return line.split(separator: " ").compactMap { Int($0) }
}

let document = ProcessInfo.processInfo.environment["GADGET_CONFIG"] ?? "{}"
let client = try GadgetClient(configuration: ClientConfiguration(document: document))

while true {
  let lengths = try readNumbers()
  guard lengths.count == 2 else { break }
  let options = String(decoding: try read(lengths[0]), as: UTF8.self)
  let body = lengths[1] < 0 ? nil : try read(lengths[1])

  let result = await client.invoke(optionsJSON: options, body: body)

  let json = Data(result.json.utf8)
  var answer = Data("\(json.count) \(result.arrayBuffer?.count ?? -1)\n".utf8)
  answer += json
  answer += result.arrayBuffer ?? Data()
  try FileHandle.standardOutput.write(contentsOf: answer)
}
