internal import GadgetRequestGenerated

/// Passes the engine's questions to the resolver of the host app.
final class ResolverAdapter: GadgetRequestGenerated.HostResolver {
  private let resolver: any HostResolver

  init(_ resolver: any HostResolver) {
    self.resolver = resolver
  }

  /// Asks the resolver.
  ///
  /// The engine does not get the error of the host app. An answer that is too large to cross the
  /// boundary counts as an error.
  func resolve(host: String) throws -> [String] {
    guard let addresses = try? resolver.resolve(host),
      addresses.lazy.map(\.byteCount).reduce(0, +) <= Limit.bytes
    else { throw ResolverFailure.Failed }
    return addresses
  }
}

extension String {
  /// How many bytes the text takes to cross the boundary in a list.
  fileprivate var byteCount: Int {
    utf8.count + MemoryLayout<Int32>.size
  }
}
