import Foundation
internal import GadgetRequestGenerated

extension RequestRecord {
  /// Makes the record of the options; of options that are too large, one that the engine refuses.
  init(_ options: RequestOptions) {
    let isTooLarge = options.byteCount > Limit.bytes
    self.init(
      url: isTooLarge ? Limit.tooLarge : options.url,
      method: Limit.cut(options.method),
      headers: isTooLarge ? [] : options.headers.map { Header(name: $0.name, value: $0.value) },
      data: isTooLarge ? nil : options.data.map { DataRecord($0) },
      parseJson: options.parsesJSON,
      arrayBuffer: options.responseType == .arrayBuffer,
      timeoutMs: options.timeout.map { UInt64(max(0, milliseconds($0))) },
      redirect: options.redirect.rawValue)
  }
}

extension DataRecord {
  init(_ data: RequestData) {
    switch data {
    case .text(let text): self = .text(text: text)
    case .json(let json): self = .json(json: json)
    case .bytes(let bytes): self = .bytes(bytes: bytes)
    }
  }
}

extension RequestOptions {
  /// How many bytes the engine counts.
  fileprivate var byteCount: Int {
    let fields = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    switch data {
    case .text(let text), .json(let text): return url.utf8.count + fields + text.utf8.count
    case .bytes(let bytes): return url.utf8.count + fields + bytes.count
    case nil: return url.utf8.count + fields
    }
  }
}

extension Response {
  init(_ record: ResponseRecord) {
    self.init(
      status: Int(record.status),
      headers: Headers(record.headers.map { Headers.Field(name: $0.name, value: $0.value) }),
      body: record.body,
      text: record.text,
      json: record.json,
      trace: record.trace)
  }
}
