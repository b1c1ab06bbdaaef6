// The container app without a screen: `sample FOLDER` takes the calls of a mini program, one
// options object a line, and prints the result objects in the order in which the calls end.

import Foundation
import GadgetRequest

guard CommandLine.arguments.count == 2 else {
  FileHandle.standardError.write(Data("usage: sample FOLDER\n".utf8))
  exit(2)
}
let container = Container()
let client = try container.open(
  appID: "cli_9dff7f6ae02ad104", version: "1.2.0",
  userFolder: URL(fileURLWithPath: CommandLine.arguments[1], isDirectory: true))
await withTaskGroup(of: InvokeResult.self) { group in
  while let optionsJSON = readLine() {
    group.addTask { await client.invoke(optionsJSON: optionsJSON) }
  }
  for await result in group { print(result.json) }
}
try client.cookies.save()
