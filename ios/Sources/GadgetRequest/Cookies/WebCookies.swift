/// A store of cookies beside the jar.
protocol WebCookies: Sendable {
  /// Returns all of its cookies.
  func all() async -> [Cookie]

  /// Sets a cookie, unless the store does not take it.
  func set(_ cookie: Cookie) async

  /// Deletes the cookie with this name, domain and path.
  func delete(_ cookie: Cookie) async
}
