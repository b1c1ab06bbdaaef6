extension ClientConfiguration {
  /// How the engine treats a `Cookie` header of the caller.
  public enum CallerCookies: String, Sendable, CaseIterable {
    /// Sends the caller's cookies unchanged, then the jar's cookies whose names they do not have.
    case merge

    /// Does not send it.
    case drop
  }
}
