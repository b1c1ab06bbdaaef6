import Foundation

/// The clients to which an observer reports one thing, yes or no, without keeping them alive.
///
/// A client takes it for yes until it is told. The clients are told under a lock, so that each gets
/// the reports in their order; what they do then runs no code of the host app on this thread.
///
/// `@unchecked`: the lock guards the mutable properties.
final class Observed: @unchecked Sendable {
  private struct Observer {
    weak var client: GadgetClient?
  }

  private let lock = NSLock()
  private let tell: @Sendable (GadgetClient, Bool) -> Void
  private var observers: [Observer] = []
  private var state = true

  init(_ tell: @escaping @Sendable (GadgetClient, Bool) -> Void) {
    self.tell = tell
  }

  /// Reports to a client, now and at each change. To add it twice is the same as once.
  func add(_ client: GadgetClient) {
    lock.withLock {
      observers.removeAll { $0.client == nil || $0.client === client }
      observers.append(Observer(client: client))
      tell(client, state)
    }
  }

  /// Reports nothing more to a client, which takes it for yes again.
  func remove(_ client: GadgetClient) {
    lock.withLock {
      guard observers.contains(where: { $0.client === client }) else { return }
      observers.removeAll { $0.client == nil || $0.client === client }
      tell(client, true)
    }
  }

  /// Reports a state, if it is another one, and then does something with each client.
  func report(_ state: Bool, then action: (GadgetClient) -> Void = { _ in }) {
    lock.withLock {
      let clients = observers.compactMap(\.client)
      if self.state != state { clients.forEach { tell($0, state) } }
      self.state = state
      clients.forEach(action)
    }
  }
}
