import Foundation
import GadgetRequest

/// Runs commands one after another, without waiting for the results of requests.
struct Face {
  /// A command that does not exist.
  struct Wrong: Error {
    let command: [String]
  }

  private let input = Input()
  private let output = Output()
  private var client: GadgetClient
  private var tasks: [String: RequestTask] = [:]

  init() throws {
    client = try GadgetClient(configuration: ClientConfiguration(document: "{}"))
  }

  /// Runs commands until the input ends.
  mutating func run() throws {
    while let command = try input.line() { try run(command) }
  }

  private mutating func run(_ command: [String]) throws {
    switch (command.first, command.count) {
    case ("client", 2):
      let document = try input.text(number(command[1]))
      client = try GadgetClient(configuration: ClientConfiguration(document: document))
      tasks = [:]
    case ("request", 4):
      let options = try input.text(number(command[2]))
      let length = try number(command[3])
      let bytes = length < 0 ? nil : try input.bytes(length)
      tasks[command[1]] = start(command[1], options, bytes)
    case ("listen", 4):
      let options = try input.text(number(command[2]))
      let length = try number(command[3])
      let bytes = length < 0 ? nil : try input.bytes(length)
      tasks[command[1]] = listen(command[1], options, bytes)
    case ("abort", 2): tasks[command[1]]?.abort()
    case ("online", 2): client.setOnline(try number(command[1]) != 0)
    case ("network_changed", 1): client.networkChanged()
    case ("proxy", 2): try setProxy(try input.bytes(number(command[1])))
    case ("background", 1): client.enterBackground()
    case ("foreground", 1): client.enterForeground()
    case ("shutdown", 1): client.shutdown()
    case ("counters", 1): output.write("counters \(client.inFlight) \(client.queued)")
    case ("cookies", 1):
      let json = Data(client.cookies.exportJSON().utf8)
      output.write("cookies \(json.count)", json)
    default: throw Wrong(command: command)
    }
  }

  private func setProxy(_ settings: Data) throws {
    let settings = try JSONSerialization.jsonObject(with: settings) as? [String: Any] ?? [:]
    let bypass = settings["proxy_bypass"] as? [String] ?? []
    try client.setProxy(settings["proxy"] as? String, bypass: bypass)
  }

  private func start(_ name: String, _ options: String, _ bytes: Data?) -> RequestTask {
    client.invoke(optionsJSON: options, body: bytes, on: .engineThreads) { [output] result in
      output.write(result, of: name)
    }
  }

  private func listen(_ name: String, _ options: String, _ bytes: Data?) -> RequestTask {
    client.invoke(
      optionsJSON: options, body: bytes, on: .engineThreads,
      onHeadersReceived: { [output] head in
        let json = Data(head.json.utf8)
        output.write("headers \(name) \(json.count)", json)
      },
      onChunkReceived: { [output] chunk in output.write("chunk \(name) \(chunk.count)", chunk) },
      completion: { [output] result in output.write(result, of: name) })
  }

  private func number(_ word: String) throws -> Int {
    guard let number = Int(word) else { throw Wrong(command: [word]) }
    return number
  }
}
