extension ClientConfiguration {
  /// Changes to the platform's rules for cookies (`docs/contract.md#5-cookies`).
  ///
  /// If a property is `nil`, the rule of the platform applies.
  ///
  /// ```swift
  /// configuration.cookiePolicy = ClientConfiguration.CookiePolicy(setCookie: .hidden)
  /// ```
  public struct CookiePolicy: Sendable, Equatable {
    /// `caller_header`: what the engine does with a `Cookie` header of the caller. Default:
    /// ``CallerCookies/merge``; on PC ``CallerCookies/drop``.
    public var callerHeader: CallerCookies?

    /// `jar`: whether the engine sends the cookies of the jar and stores the cookies of responses.
    /// Default: yes.
    public var jar: Bool?

    /// `set_cookie`: whether the mini program sees `Set-Cookie` in a response. Default:
    /// ``SetCookies/visible``; on PC and in the developer tools ``SetCookies/hidden``.
    public var setCookie: SetCookies?

    /// Changes the given rules; the platform decides the others.
    public init(
      callerHeader: CallerCookies? = nil, jar: Bool? = nil, setCookie: SetCookies? = nil
    ) {
      self.callerHeader = callerHeader
      self.jar = jar
      self.setCookie = setCookie
    }
  }
}
