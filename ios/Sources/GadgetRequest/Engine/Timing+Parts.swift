extension Timing {
  /// How many numbers the engine writes (bindings/uniffi/src/timing.rs).
  private static let numbers = 24

  /// A profile without numbers, which no response of the engine has.
  static let none = Self { _ in nil }

  /// Reads a profile out of the engine's memory.
  init(_ bytes: UnsafeRawBufferPointer) {
    let address = bytes.dropFirst(8 * Self.numbers)
    self.init(peerIP: address.isEmpty ? nil : String(decoding: address, as: UTF8.self)) { index in
      let bits = bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
      let number = Double(bitPattern: UInt64(bigEndian: bits))
      return number.isNaN ? nil : number
    }
  }

  private init(peerIP: String? = nil, _ moment: (Int) -> Double?) {
    self.init(
      invokeStart: moment(0) ?? 0,
      queueStart: moment(1) ?? 0,
      queueEnd: moment(2) ?? 0,
      fetchStart: moment(3),
      redirectStart: moment(4),
      redirectEnd: moment(5),
      domainLookUpStart: moment(6),
      domainLookUpEnd: moment(7),
      connectStart: moment(8),
      connectEnd: moment(9),
      sslConnectionStart: moment(10),
      sslConnectionEnd: moment(11),
      requestStart: moment(12),
      requestEnd: moment(13),
      responseStart: moment(14),
      responseEnd: moment(15),
      peerIP: peerIP,
      port: moment(16).map { Int($0) },
      protocol: moment(17).map { $0 == 2 ? "h2" : "http1.1" },
      socketReused: moment(18).map { $0 == 1 },
      sendBytesCount: moment(19).map { Int($0) },
      receivedBytesCount: moment(20).map { Int($0) },
      decodedBytes: moment(21).map { Int($0) },
      redirectCount: Int(moment(22) ?? 0),
      retryCount: Int(moment(23) ?? 0))
  }
}
