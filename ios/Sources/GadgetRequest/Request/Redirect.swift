/// How a call treats a redirect: status 301, 302, 303, 307 or 308 with a `location`.
///
/// See `docs/contract.md#9-redirects`.
public enum Redirect: String, Sendable {
  /// Follows it, as browsers do.
  ///
  /// 301 and 302 turn POST into GET. 303 turns all methods except GET and HEAD into GET. The body
  /// and the `content-*` headers are then dropped. 307 and 308 send the same method and body again.
  /// The caller's `authorization` and `cookie` are not sent to another origin. Each URL gets its
  /// own cookies, ``ClientConfiguration/appHeaders`` and check of the hosts that are allowed.
  ///
  /// The last response is the response of the call. After ``ClientConfiguration/maxRedirects`` the
  /// call fails with errno 305 `too many redirects`. It fails with 305 `bad redirect` if the
  /// `location` is not an http or https URL, or contains credentials.
  case follow

  /// Returns the redirect as the response.
  case manual

  /// Fails with errno 305 `redirect refused`.
  case error
}
