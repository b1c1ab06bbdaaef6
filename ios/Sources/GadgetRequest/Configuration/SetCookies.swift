extension ClientConfiguration {
  /// Whether a mini program sees the `Set-Cookie` fields of a response.
  ///
  /// The jar stores the cookies in both cases.
  public enum SetCookies: String, Sendable, CaseIterable {
    /// The mini program sees them.
    case visible

    /// ``Response/headers`` and ``Response/cookies`` do not contain them.
    case hidden
  }
}
