extension ClientConfiguration {
  /// Whether a mini program sees the `Set-Cookie` fields of a response.
  ///
  /// The jar gets them either way.
  public enum SetCookies: String, Sendable, CaseIterable {
    /// It does.
    case visible

    /// It does not: they are neither in ``Response/headers`` nor in ``Response/cookies``.
    case hidden
  }
}
