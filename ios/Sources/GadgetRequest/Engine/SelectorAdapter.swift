internal import GadgetRequestGenerated

/// Passes the engine's questions to the proxy selector of the host app.
final class SelectorAdapter: GadgetRequestGenerated.ProxySelector {
  private let selector: any ProxySelector

  init(_ selector: any ProxySelector) {
    self.selector = selector
  }

  /// Asks the selector; the engine does not get the error of the host app.
  func select(origin: String) throws -> String? {
    do {
      return try selector.select(origin).map(Limit.cut)
    } catch {
      throw SelectorFailure.Failed
    }
  }
}
