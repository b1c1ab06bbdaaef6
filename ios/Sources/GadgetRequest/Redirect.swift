/// What to do with a redirect.
public enum Redirect: String, Sendable {
  /// Follow it.
  case follow

  /// The redirect is the response.
  case manual

  /// Fail with errno 305 `redirect refused`.
  case error
}
