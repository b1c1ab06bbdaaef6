public import Foundation

/// The settings of a client.
///
/// A property that is `nil` leaves the choice to the engine; the documentation names the default.
/// This type checks nothing.
/// ``GadgetClient/init(configuration:cookieStorage:resolver:proxySelector:observer:)`` checks the
/// settings and names the wrong field.
///
/// ```swift
/// var configuration = ClientConfiguration(appID: "cli_9dff7f6ae02ad104", appVersion: "1.2.0")
/// configuration.timeout = 20
/// configuration.resolve = ["api.example.com:443:203.0.113.7"]
/// ```
///
/// The engine reads the settings as one JSON document. The documentation of each property starts
/// with the name of its field there. `docs/contract.md#10-limits` lists all limits.
///
/// If you print, dump or interpolate a configuration, the text shows no setting: the settings may
/// contain the password of a proxy or secrets in ``appHeaders``, which must not reach a log.
public struct ClientConfiguration: Sendable, Equatable {
  /// `platform`: the platform whose rules the client follows. Default: `devtools`.
  public var platform: Platform?

  /// `app_id`: the id of the mini program, for the referer and the cookie jar. Default: empty.
  public var appID: String?

  /// `app_version`: the version of the mini program, for the referer. Default: empty.
  public var appVersion: String?

  /// `referer`: the `referer` that is sent. The engine fills in `{app_id}` and `{app_version}`,
  /// percent-encoded. Default: the referer of the published platform
  /// (`docs/contract.md#2-headers-out`).
  public var referer: String?

  /// `user_agent`: the `user-agent` of calls that set none. Default: `gadget-request/` and the
  /// version of the engine.
  public var userAgent: String?

  /// `app_headers`: headers that the host app adds to the requests to some hosts. Default: none.
  ///
  /// They win over the headers of the caller and of the engine. If two entries set the same header
  /// for a host, the later entry wins.
  public var appHeaders: [AppHeaders]?

  /// `extra_methods`: methods that are allowed besides the five on the published page.
  /// Default: none.
  public var extraMethods: [ExtraMethod]?

  /// `delete_data_as_post`: whether DELETE and OPTIONS send an object in the body, as POST does.
  /// Default: no, they send it in the query.
  public var deleteDataAsPost: Bool?

  /// `cookie_policy`: changes to the platform's rules for cookies. Default: no change.
  public var cookiePolicy: CookiePolicy?

  /// `cookie_dir`: the folder that keeps cookies between runs, as a file URL. The engine creates it
  /// if it is missing. Default: none; the cookies end with the client.
  ///
  /// Each app id has its own file there. Give each user of the host app a folder, for example one
  /// in `FileManager.SearchPathDirectory.applicationSupportDirectory`. To keep cookies elsewhere,
  /// use a ``CookieStorage``.
  public var cookieDirectory: URL?

  /// `allowed_hosts`: the hosts that calls and their redirects may reach. Any other host fails with
  /// errno 110 `host not allowed`. An empty list allows none. Default: all.
  ///
  /// `example.com` or an IP address allows that host alone, `*.example.com` all its subdomains.
  /// With a port (`example.com:8443`) only that port is allowed, else every port. `https://` before
  /// it excludes cleartext.
  public var allowedHosts: [String]?

  /// `allow_cleartext`: whether http without TLS is allowed, also for redirects. If not, it fails
  /// with errno 110 `cleartext not allowed`. Default: yes.
  public var allowsCleartext: Bool?

  /// `allow_private_addresses`: whether calls and their redirects may reach addresses that are not
  /// for the whole internet. If not, they fail with errno 110 `private address not allowed`.
  /// Default: yes.
  ///
  /// These are loopback, private and link-local addresses, and all others in IANA's registries of
  /// special-purpose addresses. A name fails if all its addresses are private; otherwise the engine
  /// connects only to the public ones. Names that a ``proxy`` looks up are not judged.
  public var allowsPrivateAddresses: Bool?

  /// `allowed_private_networks`: networks (`10.1.0.0/16`) and single addresses that are allowed
  /// even if ``allowsPrivateAddresses`` is false. Default: none.
  public var allowedPrivateNetworks: [String]?

  /// `max_redirects`: how many redirects a call follows. One more fails with errno 305
  /// `too many redirects`. Default: 20.
  public var maxRedirects: Int?

  /// `timeout_ms`: seconds from a call's dispatch to its last byte, for calls that set no timeout.
  /// Default: 60.
  public var timeout: TimeInterval?

  /// `max_queued`: how many calls may wait in the queue. One more fails with errno 111.
  /// Default: 1000.
  public var maxQueued: Int?

  /// `max_queued_bytes`: how many bytes of options, with their bodies, may wait in the queue. A
  /// call that would exceed it fails with errno 111. Default: 64 MiB.
  public var maxQueuedBytes: Int?

  /// `queue_timeout_ms`: seconds that a call may wait in the queue. Then it fails with errno 302.
  /// Default: no limit.
  ///
  /// The time in the queue does not count towards ``timeout``.
  public var queueTimeout: TimeInterval?

  /// Whether the result objects of ``GadgetClient/invoke(optionsJSON:body:)`` and of pages show the
  /// profile of their calls, unless a call says otherwise with `enableProfile`. Default: no.
  ///
  /// Typed results have it in any case: ``Response/timing``.
  public var profile: Bool?

  /// The inspector that shows the calls, as `http://127.0.0.1:PORT`: what `gadget-devtools inspect`
  /// prints, on the Mac that runs the simulator. Only for development: it shows bodies, and it is
  /// an error in a release. Default: none.
  public var inspector: String?

  /// `background_grace_ms`: the grace period, in seconds. Calls continue for so long after
  /// ``GadgetClient/enterBackground()`` and then fail with errno 112. 0: they fail at once.
  /// Default: no limit.
  public var backgroundGrace: TimeInterval?

  /// `connect_timeout_ms`: seconds to open a connection: name lookup, TCP, proxy and TLS.
  /// Default: 15.
  public var connectTimeout: TimeInterval?

  /// `idle_timeout_ms`: seconds after which an idle connection is closed. Default: 30.
  public var idleTimeout: TimeInterval?

  /// `max_body_bytes`: the largest body of a response, in bytes after decoding. The limit also
  /// holds between two content codings. A larger body fails with errno 305 `body too large`.
  /// Default: 100 MiB.
  public var maxBodyBytes: Int?

  /// `max_text_bytes`: the largest text of a body, in bytes after charset decoding, as JSON writes
  /// it (a control character takes six). A larger text fails with errno 305 `body too large`.
  /// Default: the value of ``maxBodyBytes``.
  public var maxTextBytes: Int?

  /// `max_streamed_bytes`: the largest body that comes as chunks, in bytes after decoding;
  /// ``maxBodyBytes`` does not hold for it. A larger one fails with errno 305 `body too large`.
  /// Default: no limit.
  public var maxStreamedBytes: Int?

  /// `max_caller_header_bytes`: how many bytes the headers of a caller may have, names and values
  /// together. More fail with errno 104. Default: 256 KiB.
  public var maxCallerHeaderBytes: Int?

  /// `max_idle_connections`: how many idle connections the client keeps. If there are more, the
  /// ones that are idle for the longest time are closed. Default: 32.
  ///
  /// All clients of a process together keep at most 128.
  public var maxIdleConnections: Int?

  /// `max_head_bytes`: the largest head of a response, in bytes, at most 384 KiB. A larger head
  /// fails with errno 305 `head too large`. Default: 256 KiB.
  public var maxHeadBytes: Int?

  /// `max_head_fields`: how many fields the head of a response may have. More fail with errno 305
  /// `head too large`. Default: 2000.
  public var maxHeadFields: Int?

  /// `har_exchanges`: how many requests and responses the client keeps for ``GadgetClient/har()``,
  /// those that ended last. A redirect counts as one more. Default: 0, and nothing is kept.
  public var harExchanges: Int?

  /// `har_body_bytes`: how many bytes it keeps of each body, sent and received. Default: 0, and no
  /// bodies.
  public var harBodyBytes: Int?

  /// `har_secrets`: whether it keeps the values of `cookie`, `set-cookie`, `authorization`,
  /// `proxy-authorization` and of ``appHeaders``. Default: no, they read `[redacted]`.
  ///
  /// Who has them is logged in as the mini program's user.
  public var harSecrets: Bool?

  /// `resolve`: fixed addresses of host names, each as `HOST:PORT:ADDRESS`, like `--resolve` of
  /// curl. Default: none.
  ///
  /// The address may have its own port. To look names up by code, use a ``HostResolver``.
  public var resolve: [String]?

  /// `proxy`: the URL of the proxy for all calls, with user name and password if it needs them.
  /// Default: none. The engine reads neither the environment nor the system's settings.
  ///
  /// The scheme is `http`, `https`, `socks5` or `socks5h`. With `socks5` this device looks up the
  /// server's name, with the others the proxy does.
  public var proxy: String?

  /// `proxy_bypass`: the hosts that are reached without the proxy, written as in ``allowedHosts``.
  /// Default: none.
  public var proxyBypass: [String]?

  /// `roots_pem`: certificates (PEM) that are trusted besides the system's. Default: none.
  public var rootsPEM: String?

  /// `system_roots`: whether the system's trust anchors are trusted. Default: yes.
  public var systemRoots: Bool?

  /// `pins`: public keys that hosts must show, each as `HOST=sha256/BASE64` or
  /// `*.HOST=sha256/BASE64`. All that match a host are alternatives. Default: none.
  ///
  /// The engine checks them on the server's own certificate, after all other checks.
  public var pins: [String]?

  /// `crls`: lists of revoked certificates, each as PEM, or as DER in Base64. Default: none.
  ///
  /// They count for chains that lead to ``rootsPEM`` and, on Linux, to the system's trust anchors;
  /// Apple's systems have their own rules for their own.
  public var crls: [String]?

  /// `client_certificates`: certificates for servers that ask who the client is. If two match a
  /// host, the later one wins. Default: none.
  public var clientCertificates: [ClientCertificate]?

  /// The JSON document. Its fields apply if no property overrides them.
  let base: String?

  /// Creates the default settings for a mini program.
  ///
  /// - Parameters:
  ///   - platform: The platform whose rules the client follows.
  ///   - appID: The id of the mini program.
  ///   - appVersion: The version of the mini program.
  public init(platform: Platform = .ios, appID: String, appVersion: String) {
    base = nil
    self.platform = platform
    self.appID = appID
    self.appVersion = appVersion
  }

  /// Creates settings from a JSON document, for example one that all platforms of an app share.
  ///
  /// A field that is absent takes its default, `platform` too. A property that is set later wins
  /// over the field. The properties do not show what the document says.
  ///
  /// - Parameter document: A JSON object. If no property is set, the engine gets it unchanged.
  public init(document: String) {
    base = document
  }
}

extension ClientConfiguration: CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The text `ClientConfiguration`, without any setting.
  public var description: String {
    "ClientConfiguration"
  }

  /// The text of ``description``.
  public var debugDescription: String {
    description
  }

  /// A mirror without properties, so that `dump` and a debugger show none.
  public var customMirror: Mirror {
    Mirror(self, children: [])
  }
}
