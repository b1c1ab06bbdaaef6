extension ClientConfiguration {
  /// What becomes of a `Cookie` header that the caller sets.
  public enum CallerCookies: String, Sendable, CaseIterable {
    /// Its cookies are sent as they stand; behind them those of the jar whose names it does not
    /// have.
    case merge

    /// It is not sent.
    case drop
  }
}
