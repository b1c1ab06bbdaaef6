extension ClientConfiguration {
  /// The platform whose rules a client follows.
  ///
  /// It is independent of the device: every platform's behavior is available on every device.
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
