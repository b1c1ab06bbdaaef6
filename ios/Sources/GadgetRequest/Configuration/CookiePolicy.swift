extension ClientConfiguration {
  /// What is to be done with cookies otherwise than the platform does it.
  ///
  /// A property that is `nil` leaves the choice to the platform.
  ///
  /// ```swift
  /// configuration.cookiePolicy = ClientConfiguration.CookiePolicy(setCookie: .hidden)
  /// ```
  public struct CookiePolicy: Sendable, Equatable {
    /// `caller_header`: what becomes of a `Cookie` header that the caller sets. Default:
    /// ``CallerCookies/merge``; on PC ``CallerCookies/drop``.
    public var callerHeader: CallerCookies?

    /// `jar`: whether the jar's cookies are sent, and those of responses stored. Default: yes.
    public var jar: Bool?

    /// `set_cookie`: whether the mini program sees `Set-Cookie` in a response. Default:
    /// ``SetCookies/visible``; on PC and in the developer tools ``SetCookies/hidden``.
    public var setCookie: SetCookies?

    /// What is given is done; the rest is the platform's.
    public init(
      callerHeader: CallerCookies? = nil, jar: Bool? = nil, setCookie: SetCookies? = nil
    ) {
      self.callerHeader = callerHeader
      self.jar = jar
      self.setCookie = setCookie
    }
  }
}
