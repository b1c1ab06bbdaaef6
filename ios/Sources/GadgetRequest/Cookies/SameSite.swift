/// What a cookie says of requests from other sites; a mini program's requests are none.
public enum SameSite: String, Sendable, CaseIterable {
  /// `Strict`.
  case strict

  /// `Lax`.
  case lax

  /// `None`, which is for secure cookies only.
  ///
  /// Its name is another because `.none` in the place of a `SameSite?` means `nil`.
  case unrestricted = "none"
}
