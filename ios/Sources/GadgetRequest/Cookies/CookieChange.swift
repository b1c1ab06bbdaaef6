/// A change of a jar: by a response, by the host app, or because there was no room.
public enum CookieChange: Sendable, Hashable {
  /// The cookie is new, or has another value or other attributes.
  case set(Cookie)

  /// The cookie is gone.
  case removed(Cookie)
}
