// Prints the public declarations of a symbol graph, one a line, types with what they conform to:
// `public-api FILE.symbols.json`. The order is that of the names, so a change shows as it is.

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

/// What every type conforms to unasked, and says nothing.
let implied: Set = ["Copyable", "Escapable", "SendableMetatype"]

let conformances = Dictionary(
  grouping: graph.relationships.filter { $0.kind == "conformsTo" }, by: \.source
).mapValues { relationships in
  // Without the module: where the standard library keeps a protocol is its own affair.
  let names = relationships.compactMap { $0.targetFallback?.split(separator: ".").last }
  return Set(names.map(String.init)).subtracting(implied).sorted()
}

let lines = graph.symbols.map { symbol -> (path: String, text: String) in
  let declaration = symbol.declarationFragments.map(\.spelling).joined()
    .split(whereSeparator: \.isWhitespace).joined(separator: " ")
  let indentation = String(repeating: "  ", count: symbol.pathComponents.count - 1)
  let protocols = conformances[symbol.identifier.precise] ?? []
  // A protocol's declaration says itself what it refines.
  let isComplete = protocols.isEmpty || symbol.kind.identifier == "swift.protocol"
  let suffix = isComplete ? "" : " : " + protocols.joined(separator: ", ")
  let path = symbol.pathComponents.joined(separator: ".")
  return (path + " " + declaration, indentation + declaration + suffix)
}
for line in lines.sorted(by: { $0.path < $1.path }) {
  print(line.text)
}
