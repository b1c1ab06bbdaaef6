import Foundation
internal import GadgetRequestGenerated

/// Passes the engine's loads and saves to the storage of the host app.
final class StorageAdapter: GadgetRequestGenerated.CookieStorage {
  private let storage: any CookieStorage

  init(_ storage: any CookieStorage) {
    self.storage = storage
  }

  /// Loads the cookies; data that cannot cross the boundary is cut, and the engine refuses it.
  func load() throws -> Data? {
    try failing { try storage.load().map(Limit.cut) }
  }

  func save(bytes: Data) throws {
    try failing { try storage.save(bytes) }
  }

  func setAside() {
    storage.setAside()
  }

  /// Replaces the error of the host app, which may reveal cookies.
  private func failing<Value>(_ action: () throws -> Value) throws -> Value {
    do {
      return try action()
    } catch {
      throw StorageFailure.Failed
    }
  }
}
