import Foundation

/// Turns the paths of a device into reports to clients.
///
/// `@unchecked`: the lock guards the mutable property.
final class NetworkReports: @unchecked Sendable {
  let clients = Observed { client, isOnline in client.setOnline(isOnline) }
  private let lock = NSLock()
  private var last: NetworkPath?

  /// Takes the next path. Paths must come one at a time.
  func update(_ path: NetworkPath) {
    let isLeft = lock.withLock {
      defer { last = path }
      return last?.isLeft(for: path) ?? false
    }
    clients.report(path.isUsable) { client in
      if isLeft { client.networkChanged() }
    }
  }
}
