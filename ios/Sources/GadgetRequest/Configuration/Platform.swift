extension ClientConfiguration {
  /// The host platform whose rules hold.
  ///
  /// It is a value: every platform's behaviour can be had on every other.
  public enum Platform: String, Sendable, CaseIterable {
    /// Android.
    case android

    /// iOS.
    case ios

    /// Windows, macOS and Linux.
    case pc

    /// HarmonyOS.
    case harmony

    /// The developer tools.
    case devtools
  }
}
