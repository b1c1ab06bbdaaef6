// Prints the public declarations of a symbol graph, one per line, types with their protocols:
// `public-api FILE.symbols.json`. The lines are sorted by name, so a diff shows only real changes.

import Foundation

struct Graph: Decodable {
  struct Symbol: Decodable {
    struct Identifier: Decodable { let precise: String }
    struct Kind: Decodable { let identifier: String }
    struct Fragment: Decodable { let spelling: String }
    let identifier: Identifier
    let kind: Kind
    let pathComponents: [String]
    let declarationFragments: [Fragment]
  }
  struct Relationship: Decodable {
    let kind: String
    let source: String
    let targetFallback: String?
  }
  let symbols: [Symbol]
  let relationships: [Relationship]
}

guard CommandLine.arguments.count == 2 else {
  FileHandle.standardError.write(Data("usage: public-api FILE.symbols.json\n".utf8))
  exit(2)
}
let file = URL(fileURLWithPath: CommandLine.arguments[1])
let graph = try JSONDecoder().decode(Graph.self, from: Data(contentsOf: file))

/// Protocols that types conform to by default.
let implied: Set = ["Copyable", "Escapable", "SendableMetatype"]

let conformances = Dictionary(
  grouping: graph.relationships.filter { $0.kind == "conformsTo" }, by: \.source
).mapValues { relationships in
  // Without the module, because the standard library may move a protocol to another one.
  let names = relationships.compactMap { $0.targetFallback?.split(separator: ".").last }
  return Set(names.map(String.init)).subtracting(implied).sorted()
}

let lines = graph.symbols.map { symbol -> (path: String, text: String) in
  let declaration = symbol.declarationFragments.map(\.spelling).joined()
    .split(whereSeparator: \.isWhitespace).joined(separator: " ")
  let indentation = String(repeating: "  ", count: symbol.pathComponents.count - 1)
  let protocols = conformances[symbol.identifier.precise] ?? []
  // The declaration of a protocol already contains the protocols that it refines.
  let isComplete = protocols.isEmpty || symbol.kind.identifier == "swift.protocol"
  let suffix = isComplete ? "" : " : " + protocols.joined(separator: ", ")
  let path = symbol.pathComponents.joined(separator: ".")
  return (path + " " + declaration, indentation + declaration + suffix)
}
for line in lines.sorted(by: { $0.path < $1.path }) {
  print(line.text)
}
