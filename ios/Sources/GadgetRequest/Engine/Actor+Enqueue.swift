extension Actor {
  /// Runs a closure on this actor, later.
  nonisolated func enqueue(_ work: @escaping @Sendable (isolated Self) -> Void) {
    Task { await run(work) }
  }

  private func run(_ work: @Sendable (isolated Self) -> Void) {
    work(self)
  }
}
