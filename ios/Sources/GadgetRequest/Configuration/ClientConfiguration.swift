public import Foundation

/// What a host app settles once for a client.
///
/// A property that is `nil` leaves the choice to the engine, whose default its documentation names.
/// Nothing is checked here: ``GadgetClient/init(configuration:cookieStorage:resolver:)`` does, and
/// names the field.
///
/// ```swift
/// var configuration = ClientConfiguration(appID: "cli_9dff7f6ae02ad104", appVersion: "1.2.0")
/// configuration.timeout = 20
/// configuration.resolve = ["api.example.com:443:203.0.113.7"]
/// ```
///
/// Printed, dumped or interpolated it shows nothing of itself: it may hold a proxy's password and
/// headers of ``appHeaders``, and that ends up in logs.
public struct ClientConfiguration: Sendable, Equatable {
  /// `platform`: the host platform whose rules hold. Default: `devtools`.
  public var platform: Platform?

  /// `app_id`: the mini program's id, as it stands in the referer. Default: empty.
  public var appID: String?

  /// `app_version`: the mini program's version, likewise. Default: empty.
  public var appVersion: String?

  /// `referer`: the `referer` sent; `{app_id}` and `{app_version}` in it are replaced,
  /// percent-encoded. Default: the published platform's.
  public var referer: String?

  /// `user_agent`: the `user-agent` of calls that set none. Default: `gadget-request/` and the
  /// engine's version.
  public var userAgent: String?

  /// `app_headers`: headers of the host app's own for some hosts. Default: none.
  ///
  /// They win over the caller's and the engine's own; of two entries for a host the later wins.
  public var appHeaders: [AppHeaders]?

  /// `extra_methods`: methods allowed beside the five of the published page. Default: none.
  public var extraMethods: [ExtraMethod]?

  /// `delete_data_as_post`: whether DELETE and OPTIONS send an object as POST does, in the body.
  /// Default: no, in the query.
  public var deleteDataAsPost: Bool?

  /// `cookie_policy`: what is to be done with cookies otherwise than the platform does it.
  /// Default: the platform's.
  public var cookiePolicy: CookiePolicy?

  /// `cookie_dir`: the folder in which cookies are kept between runs, a file URL; made where it is
  /// missing. Default: none, and they end with the client.
  ///
  /// In it each app id has a file. A host gives each of its users a folder, such as one in
  /// `FileManager.SearchPathDirectory.applicationSupportDirectory`. What is no folder is a
  /// ``CookieStorage``.
  public var cookieDirectory: URL?

  /// `allowed_hosts`: the hosts that may be requested, redirects included; any other fails with
  /// errno 110 `host not allowed`. Empty: none. Default: all.
  ///
  /// `example.com` or an IP address is itself alone, `*.example.com` all below it. A port behind it
  /// (`example.com:8443`) is that port alone; without one, every port is meant. `https://` before it
  /// leaves cleartext out.
  public var allowedHosts: [String]?

  /// `allow_cleartext`: whether http without TLS is allowed, redirects included; if not, it fails
  /// with errno 110 `cleartext not allowed`. Default: yes.
  public var allowsCleartext: Bool?

  /// `allow_private_addresses`: whether addresses are allowed that are not for the whole internet,
  /// redirects included; if not, they fail with errno 110 `private address not allowed`.
  /// Default: yes.
  ///
  /// These are loopback, private and link-local ones, and all else in IANA's registries of
  /// special-purpose addresses. A name fails where all its addresses are such; where some are not,
  /// only those are connected to. Names that a ``proxy`` looks up are not judged.
  public var allowsPrivateAddresses: Bool?

  /// `allowed_private_networks`: networks (`10.1.0.0/16`) and single addresses that are allowed
  /// although ``allowsPrivateAddresses`` says no. Default: none.
  public var allowedPrivateNetworks: [String]?

  /// `max_redirects`: most redirects that a call follows; one more fails with errno 305
  /// `too many redirects`. Default: 20.
  public var maxRedirects: Int?

  /// `timeout_ms`: seconds from a call's dispatch to its last byte, for calls that set none.
  /// Default: 60.
  public var timeout: TimeInterval?

  /// `max_queued`: most calls that wait for one of the ten places; one more fails with errno 111.
  /// Default: 1000.
  public var maxQueued: Int?

  /// `max_queued_bytes`: most bytes of options, bodies included, that wait for one of the ten
  /// places; what would make them more fails with errno 111. Default: 64 MiB.
  public var maxQueuedBytes: Int?

  /// `queue_timeout_ms`: seconds that a call may wait for its place; then it fails with errno 302.
  /// Default: as long as it takes.
  ///
  /// The time in the queue is no part of ``timeout``.
  public var queueTimeout: TimeInterval?

  /// `background_grace_ms`: seconds for which calls go on after ``GadgetClient/enterBackground()``,
  /// 0 being not at all; then they fail with errno 112. Default: for ever.
  public var backgroundGrace: TimeInterval?

  /// `connect_timeout_ms`: seconds for a new connection, TLS included. Default: 15.
  public var connectTimeout: TimeInterval?

  /// `idle_timeout_ms`: seconds that an unused connection is kept. Default: 30.
  public var idleTimeout: TimeInterval?

  /// `max_body_bytes`: most bytes of a body, decoded; counted at each content coding.
  /// Default: 100 MiB.
  public var maxBodyBytes: Int?

  /// `max_text_bytes`: most bytes of a body's text, after charset decoding and as JSON writes it;
  /// one more fails with errno 305 `body too large`. Default: as many as ``maxBodyBytes``.
  ///
  /// A control character takes six.
  public var maxTextBytes: Int?

  /// `max_caller_header_bytes`: most bytes of a caller's headers, names and values together; one
  /// more fails with errno 104. Default: 256 KiB.
  public var maxCallerHeaderBytes: Int?

  /// `max_idle_connections`: most unused connections that are kept; of more, those unused for the
  /// longest time are closed. Default: 32.
  ///
  /// All clients of a process keep 128 at most.
  public var maxIdleConnections: Int?

  /// `max_head_bytes`: most bytes of a response's head, at most 384 KiB. Default: 256 KiB.
  public var maxHeadBytes: Int?

  /// `max_head_fields`: most fields of a response's head. Default: 2000.
  public var maxHeadFields: Int?

  /// `resolve`: host names resolved by hand, `HOST:PORT:ADDRESS` each, as curl's `--resolve`.
  /// Default: none.
  ///
  /// The address may carry a port of its own. What finds names otherwise is a ``HostResolver``.
  public var resolve: [String]?

  /// `proxy`: the URL of the HTTP proxy that all calls go through, with user name and password if it
  /// asks for them. Default: none; neither the environment nor the system's settings are read.
  public var proxy: String?

  /// `roots_pem`: certificates (PEM) trusted beside those of the system. Default: none.
  public var rootsPEM: String?

  /// `system_roots`: whether the system's trust anchors count. Default: yes.
  public var systemRoots: Bool?

  /// `pins`: public keys that hosts must show, `HOST=sha256/BASE64` each; several for a host are
  /// alternatives. Default: none.
  ///
  /// They are checked on the server's own certificate, after all other checks.
  public var pins: [String]?

  /// The document whose fields hold where no property is set.
  let base: String?

  /// The default settings for a mini program.
  ///
  /// - Parameters:
  ///   - platform: The host platform whose rules hold.
  ///   - appID: The mini program's id.
  ///   - appVersion: Its version.
  public init(platform: Platform = .ios, appID: String, appVersion: String) {
    base = nil
    self.platform = platform
    self.appID = appID
    self.appVersion = appVersion
  }

  /// The settings of a JSON document, such as one that all platforms of an app share.
  ///
  /// Its fields are those named in front of each property here; an absent one takes its default,
  /// `platform` too. A property that is set afterwards wins over the document's field; it does not
  /// show what the document says.
  ///
  /// - Parameter document: A JSON object, handed to the engine to the letter if no property is set.
  public init(document: String) {
    base = document
  }
}

extension ClientConfiguration: CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// `ClientConfiguration`, and nothing of it.
  public var description: String {
    "ClientConfiguration"
  }

  /// The same.
  public var debugDescription: String {
    description
  }

  /// No property: `dump` and a debugger show none either.
  public var customMirror: Mirror {
    Mirror(self, children: [])
  }
}
