/// The way to the network that the system prefers, as far as it matters for connections.
struct NetworkPath: Sendable, Equatable {
  /// Whether there is a network, or may be one if a call asks for it.
  var isUsable: Bool

  /// The interface that the system prefers, such as `en0`.
  var interface: String?

  /// The routers behind it: two Wi-Fi networks have the same interface.
  var gateways: [String]

  /// Whether connections over this path do not work over the next one.
  func isLeft(for next: NetworkPath) -> Bool {
    isUsable && next.isUsable && self != next
  }
}
