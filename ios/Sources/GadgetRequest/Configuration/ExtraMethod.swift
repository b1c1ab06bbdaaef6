extension ClientConfiguration {
  /// A method that the published page does not list and a host may switch on.
  public enum ExtraMethod: String, Sendable, CaseIterable {
    /// PATCH; its data goes out as POST's does.
    case patch = "PATCH"

    /// OPTIONS; its data goes out as DELETE's does.
    case options = "OPTIONS"
  }
}
