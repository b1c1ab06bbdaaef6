import Foundation

extension Response {
  /// Copies a response out of the engine's memory: its body once, whatever is read of it later.
  init(status: Int, _ parts: Parts) {
    let body = parts.data(1) ?? Data()
    self.init(
      status: status, headers: parts.fields(from: 5), body: body, trace: parts.text(0) ?? "",
      content: ResponseText(parts, in: body), timing: parts.bytes(4).map(Timing.init) ?? .none)
  }
}

extension ResponseHead {
  /// Copies a head out of the engine's memory.
  init(status: Int, _ parts: Parts) {
    self.init(status: status, headers: parts.fields(from: 1), json: parts.text(0) ?? "")
  }
}

extension ResponseText {
  /// Takes the text of a response; `nil` if it has none.
  ///
  /// - Parameters:
  ///   - parts: The parts of the response.
  ///   - body: The copy of its body.
  fileprivate convenience init?(_ parts: Parts, in body: Data) {
    guard let text = parts.bytes(2) else { return nil }
    // Most texts are in the body as they are, without a byte order mark.
    let place = parts.bytes(1).flatMap { text.range(in: $0) }
    let utf8 = place.map { body[$0] } ?? parts.data(2) ?? Data()
    let (json, start) = (parts.bytes(3).flatMap { $0.range(in: text) }, utf8.startIndex)
    self.init(utf8, jsonRange: json.map { start + $0.lowerBound..<start + $0.upperBound })
  }
}

extension UnsafeRawBufferPointer {
  /// Where these bytes are in others; `nil` if they are not a part of them.
  fileprivate func range(in whole: UnsafeRawBufferPointer) -> Range<Int>? {
    guard let own = baseAddress, let theirs = whole.baseAddress else { return nil }
    let start = own - theirs
    return start >= 0 && start + count <= whole.count ? start..<start + count : nil
  }
}
