internal import GadgetRequestGenerated

/// The host's resolver, as the engine knows one.
final class ResolverAdapter: GadgetRequestGenerated.HostResolver {
  private let resolver: any HostResolver

  init(_ resolver: any HostResolver) {
    self.resolver = resolver
  }

  /// The host's error stays on this side; what is too large to be handed over is no address.
  func resolve(host: String) throws -> [String] {
    guard let addresses = try? resolver.resolve(host),
      addresses.lazy.map(\.byteCount).reduce(0, +) <= Limit.bytes
    else { throw ResolverFailure.Failed }
    return addresses
  }
}

extension String {
  /// The bytes that it takes to cross the boundary in a list.
  fileprivate var byteCount: Int {
    utf8.count + MemoryLayout<Int32>.size
  }
}
