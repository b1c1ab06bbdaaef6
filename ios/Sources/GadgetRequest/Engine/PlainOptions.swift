import Foundation

/// The options of a call as bytes, as bindings/uniffi/src/options.rs reads them.
///
/// Of options that are too large it makes some that the engine refuses.
struct PlainOptions {
  private static let parsesJSON: Int32 = 1
  private static let arrayBuffer: Int32 = 2
  private static let redirectManual: Int32 = 4
  private static let redirectError: Int32 = 8
  private static let dataIsJSON: Int32 = 16
  private static let dataIsBytes: Int32 = 32
  private static let hasData: Int32 = 64
  private static let enableChunked: Int32 = 128

  private(set) var flags: Int32 = 0
  /// In milliseconds; 0 stands for the client's.
  let timeout: Int64
  /// The URL, the method, then names and values of the headers by turns.
  let texts: Data
  private(set) var data = Data()

  init(_ options: RequestOptions) {
    let isTooLarge = options.byteCount > Limit.bytes
    timeout = options.timeout.map { max(0, milliseconds($0)) } ?? 0
    var texts: [UInt8] = []
    texts.reserveCapacity(256)
    texts.appendText(isTooLarge ? Limit.tooLarge : options.url)
    texts.appendText(Limit.cut(options.method))
    for field in isTooLarge ? [] : options.headers {
      texts.appendText(field.name)
      texts.appendText(field.value)
    }
    self.texts = Data(texts)
    if options.parsesJSON { flags |= Self.parsesJSON }
    if options.responseType == .arrayBuffer { flags |= Self.arrayBuffer }
    if options.enablesChunked { flags |= Self.enableChunked }
    switch options.redirect {
    case .follow: break
    case .manual: flags |= Self.redirectManual
    case .error: flags |= Self.redirectError
    }
    guard !isTooLarge, let data = options.data else { return }
    flags |= Self.hasData
    switch data {
    case .text(let text): self.data = Data(text.utf8)
    case .json(let json):
      flags |= Self.dataIsJSON
      self.data = Data(json.utf8)
    case .bytes(let bytes):
      flags |= Self.dataIsBytes
      self.data = bytes
    }
  }
}

extension [UInt8] {
  /// Adds a text: its length in four bytes, the highest first, and its UTF-8.
  fileprivate mutating func appendText(_ text: String) {
    Swift.withUnsafeBytes(of: UInt32(text.utf8.count).bigEndian) { append(contentsOf: $0) }
    append(contentsOf: text.utf8)
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
