/// A change of a jar, made by a response, by the host app, or because the jar was full.
public enum CookieChange: Sendable, Hashable {
  /// The cookie is new, or its value or attributes are new.
  case set(Cookie)

  /// The cookie was removed or has expired. It is given as it was.
  case removed(Cookie)
}
