/// What to do with a redirect: status 301, 302, 303, 307 or 308 with a `location`.
public enum Redirect: String, Sendable {
  /// Follow it, as browsers do.
  ///
  /// POST becomes GET at 301 and 302, all but GET and HEAD become GET at 303, without body and
  /// `content-*` headers; 307 and 308 send both again. The caller's `authorization` and `cookie` go
  /// to no other origin. Cookies, ``ClientConfiguration/appHeaders`` and what the host allows are
  /// those of each URL.
  ///
  /// The response is the last one. Beyond ``ClientConfiguration/maxRedirects`` the call fails with
  /// errno 305 `too many redirects`; at a `location` that is no http or https URL, or has
  /// credentials, with 305 `bad redirect`.
  case follow

  /// The redirect is the response.
  case manual

  /// Fail with errno 305 `redirect refused`.
  case error
}
