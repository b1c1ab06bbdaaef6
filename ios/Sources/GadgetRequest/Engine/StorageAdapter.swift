import Foundation
internal import GadgetRequestGenerated

/// The host's storage, as the engine knows one.
final class StorageAdapter: GadgetRequestGenerated.CookieStorage {
  private let storage: any CookieStorage

  init(_ storage: any CookieStorage) {
    self.storage = storage
  }

  /// What is too large to be handed over is cut, and still too large for the engine.
  func load() throws -> Data? {
    try failing { try storage.load().map(Limit.cut) }
  }

  func save(bytes: Data) throws {
    try failing { try storage.save(bytes) }
  }

  func setAside() {
    storage.setAside()
  }

  /// The host's error stays on this side: it might tell of what is kept.
  private func failing<Value>(_ action: () throws -> Value) throws -> Value {
    do {
      return try action()
    } catch {
      throw StorageFailure.Failed
    }
  }
}
