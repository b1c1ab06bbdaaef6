/// The attribute `SameSite` of a cookie.
///
/// A request of a mini program always counts as same-site (`docs/contract.md#5-cookies`).
public enum SameSite: String, Sendable, CaseIterable {
  /// `Strict`.
  case strict

  /// `Lax`.
  case lax

  /// `None`. Only a secure cookie can have it.
  ///
  /// The case is not called `none` because `.none` as a `SameSite?` means `nil`.
  case unrestricted = "none"
}
