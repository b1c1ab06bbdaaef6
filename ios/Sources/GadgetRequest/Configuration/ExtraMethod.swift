extension ClientConfiguration {
  /// A method that is not on the published page and that a host app can allow.
  public enum ExtraMethod: String, Sendable, CaseIterable {
    /// PATCH. Its data is sent as the data of POST is.
    case patch = "PATCH"

    /// OPTIONS. Its data is sent as the data of DELETE is.
    case options = "OPTIONS"
  }
}
