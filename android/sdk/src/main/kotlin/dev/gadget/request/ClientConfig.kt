package dev.gadget.request

import dev.gadget.request.internal.document

/**
 * The settings of a client. They are one JSON document, the same on every platform, which the
 * engine reads when a client is made.
 *
 * ```
 * val config = ClientConfig {
 *   appId = "cli_9dff7f6ae02ad104"
 *   appVersion = "1.2.0"
 *   timeoutMs = 20_000
 * }
 * ```
 *
 * It may be used for any number of clients, from any thread.
 *
 * @property json the document
 */
public class ClientConfig private constructor(public val json: String) {
  /** Settings that [configure] sets. The engine has a default for each of the others. */
  @JvmOverloads
  public constructor(configure: Builder.() -> Unit = {}) :
    this(document(Builder().apply(configure)))

  /** Makes configurations of JSON. */
  public companion object {
    /**
     * Settings as a JSON document that the host app writes. Its fields have the names of [Builder]
     * in snake case: `timeout_ms`. A missing field takes its default; an unknown field is an error.
     * [GadgetClient] checks the document, not this function.
     */
    @JvmStatic
    public fun ofJson(text: String): ClientConfig = ClientConfig(text)
  }

  /**
   * Collects settings. Null means the engine's default. In Java it takes the place of the
   * constructor's function:
   *
   * ```java
   * ClientConfig.Builder builder = new ClientConfig.Builder();
   * builder.setAppId("cli_9dff7f6ae02ad104");
   * builder.setTimeoutMs(20_000L);
   * ClientConfig config = builder.build();
   * ```
   *
   * For one thread at a time.
   */
  public class Builder {
    /** The platform whose rules hold. */
    public var platform: Platform = Platform.ANDROID

    /** The id of the mini program, for the `referer` and the cookie jar. Default: empty. */
    public var appId: String? = null

    /** The version of the mini program, for the `referer`. Default: empty. */
    public var appVersion: String? = null

    /**
     * The `referer` of every request. `{app_id}` and `{app_version}` in it are replaced by the
     * percent-encoded values. Default: the one of the published page
     * (docs/contract.md#2-headers-out).
     */
    public var referer: String? = null

    /**
     * The `user-agent` of calls that set none. Default: `gadget-request/` and the engine's version.
     */
    public var userAgent: String? = null

    /** Headers that the host app adds for listed hosts. Default: none. */
    public var appHeaders: List<AppHeaders> = emptyList()

    /** Methods that are allowed in addition to the five of the published page. Default: none. */
    public var extraMethods: List<ExtraMethod> = emptyList()

    /**
     * True if DELETE and OPTIONS send an object in the body, as POST does. Default: false; they
     * send it in the query (docs/contract.md#3-data-out).
     */
    public var deleteDataAsPost: Boolean? = null

    /** Exceptions from the platform's rules for cookies. Default: none. */
    public var cookiePolicy: CookiePolicy? = null

    /**
     * The folder that keeps cookies between runs, in one file for each app id. The engine creates
     * it if it is missing. The host app gives each of its users a folder, on Android below
     * `Context.getFilesDir()`. The folder does not count if the client has a [CookieStorage].
     * Default: none; cookies end with the client.
     */
    public var cookieDir: String? = null

    /**
     * The hosts that may be requested, also by redirects. Any other fails with 110 `host not
     * allowed`. `example.com` or an IP address is only that host. `*.example.com` is every
     * subdomain, but not `example.com`. A port (`example.com:8443`) allows that port only, no port
     * allows all. `https://` before it excludes http. Default, null: all hosts. An empty list
     * allows no host.
     */
    public var allowedHosts: List<String>? = null

    /**
     * True if http without TLS is allowed, also in redirects. If false, such a URL fails with 110
     * `cleartext not allowed`. Default: true.
     */
    public var allowCleartext: Boolean? = null

    /**
     * True if addresses are allowed that are not for the whole internet: loopback, private,
     * link-local and all others in IANA's registries of special-purpose addresses. If false, a URL
     * that leads only to such addresses fails with 110 `private address not allowed`, also in a
     * redirect. The engine judges each address before it connects to it; names that a proxy looks
     * up are not judged. Default: true.
     */
    public var allowPrivateAddresses: Boolean? = null

    /**
     * Networks (`10.1.0.0/16`) or single addresses that are allowed although
     * [allowPrivateAddresses] is false. Default: none.
     */
    public var allowedPrivateNetworks: List<String> = emptyList()

    /**
     * The maximum number of redirects that a call follows, 0 or more. One more fails with 305 `too
     * many redirects`. Default: 20.
     */
    public var maxRedirects: Int? = null

    /**
     * The timeout of calls that set none, in milliseconds, at least 1: from the dispatch of the
     * call to the last byte of the body, after all redirects. Default: 60 s.
     */
    public var timeoutMs: Long? = null

    /** The maximum number of queued calls, 0 or more. One more fails with 111. Default: 1000. */
    public var maxQueued: Int? = null

    /**
     * The maximum number of bytes in the options and bodies of queued calls, 0 or more. A call that
     * would exceed it fails with 111. Default: 64 MiB.
     */
    public var maxQueuedBytes: Long? = null

    /**
     * The time that a call may be queued, in milliseconds, at least 1. A call that waits longer
     * fails with 302. It does not count as part of [timeoutMs]. Default: no limit.
     */
    public var queueTimeoutMs: Long? = null

    /**
     * True if the result objects of [GadgetClient.invoke] and of pages show the profile of their
     * calls, unless a call says otherwise with `enableProfile`. Typed results have it in any case:
     * [Response.timing]. Default: false.
     */
    public var profile: Boolean? = null

    /**
     * The inspector that shows the calls, as `http://127.0.0.1:PORT`. `gadget-devtools inspect`
     * prints it; `adb reverse tcp:PORT tcp:PORT` leads from the device to it. Only for development:
     * it shows bodies, and it is an error in a release. Default: none.
     */
    public var inspector: String? = null

    /**
     * The grace period in milliseconds: how long calls go on after [GadgetClient.enterBackground].
     * Then they fail with 112; with 0, at once. Default: no limit.
     */
    public var backgroundGraceMs: Long? = null

    /**
     * The time for a new connection, TLS included, in milliseconds, at least 1. A call that waits
     * longer fails with 302. Default: 15 s.
     */
    public var connectTimeoutMs: Long? = null

    /**
     * The time that an idle connection is kept, in milliseconds, at least 1. Default: 30 s.
     */
    public var idleTimeoutMs: Long? = null

    /**
     * The maximum number of bytes of a response's body, counted while it is decoded, at each
     * content coding. One more fails with 305 `body too large`. Default: 100 MiB.
     */
    public var maxBodyBytes: Long? = null

    /**
     * The maximum number of bytes of a body's text, 0 or more: after charset decoding, and as JSON
     * writes it (a control character takes six). One more fails with 305 `body too large`. Default:
     * the value of [maxBodyBytes].
     */
    public var maxTextBytes: Long? = null

    /**
     * The maximum number of bytes of a body that comes as chunks, 0 or more, after decoding;
     * [maxBodyBytes] does not hold for it. One more fails with 305 `body too large`. Default: no
     * limit.
     */
    public var maxStreamedBytes: Long? = null

    /**
     * The maximum number of bytes of a caller's headers, names and values together, 0 or more. One
     * more fails with 104. Default: 256 KiB.
     */
    public var maxCallerHeaderBytes: Long? = null

    /**
     * The maximum number of idle connections that the client keeps, 0 or more. If there are more,
     * the ones that were idle longest are closed. All clients of a process together keep at most
     * 128. Default: 32.
     */
    public var maxIdleConnections: Int? = null

    /**
     * The maximum number of bytes of a response's head, up to 384 KiB. One more fails with 305
     * `head too large`. Default: 256 KiB.
     */
    public var maxHeadBytes: Long? = null

    /**
     * The maximum number of fields of a response's head. One more fails with 305 `head too large`.
     * Default: 2000.
     */
    public var maxHeadFields: Int? = null

    /**
     * How many requests and responses the client keeps for [GadgetClient.har], those that ended
     * last, 0 or more. A redirect counts as one more. Default: 0, and nothing is kept.
     */
    public var harExchanges: Int? = null

    /**
     * How many bytes it keeps of each body, sent and received, 0 or more. Default: 0, and no
     * bodies.
     */
    public var harBodyBytes: Long? = null

    /**
     * True if it keeps the values of `cookie`, `set-cookie`, `authorization`, `proxy-authorization`
     * and of [appHeaders]. Who has them is logged in as the mini program's user. Default: false,
     * they read `[redacted]`.
     */
    public var harSecrets: Boolean? = null

    /**
     * Fixed addresses of host names, each `HOST:PORT:ADDRESS`. They win over the client's
     * [HostResolver] and the system. The address may have another port: `[::1]:8443`. Default:
     * none.
     */
    public var resolve: List<String> = emptyList()

    /**
     * The proxy for all calls: an `http`, `https`, `socks5` or `socks5h` URL, with user name and
     * password if the proxy asks for them. With `socks5` this device looks up the server's name,
     * with the others the proxy does. Default: none; the environment and the system's settings are
     * never read.
     */
    public var proxy: String? = null

    /** The hosts that are reached without the proxy, as in [allowedHosts]. Default: none. */
    public var proxyBypass: List<String> = emptyList()

    /** Certificates (PEM, one or more), trusted in addition to the system's. Default: none. */
    public var rootsPem: String? = null

    /** True if the system's trust anchors count. Default: true. */
    public var systemRoots: Boolean? = null

    /**
     * Public keys that hosts must show, each `HOST=sha256/BASE64` or `*.HOST=sha256/BASE64` (RFC
     * 7469 section 2.4). All that match a host are alternatives. They are checked on the server's
     * own certificate, after all other checks. Default: none.
     */
    public var pins: List<String> = emptyList()

    /**
     * Lists of revoked certificates, each as PEM, or as DER in Base64. They count for chains that
     * lead to [rootsPem] and, on Linux, to the system's trust anchors; Android has its own rules
     * for its own. Default: none.
     */
    public var crls: List<String> = emptyList()

    /**
     * Certificates for servers that ask who the client is. If two match a host, the later one
     * wins. Default: none.
     */
    public var clientCertificates: List<ClientCertificate> = emptyList()

    /** The settings collected so far. The builder may be changed and used again. */
    public fun build(): ClientConfig = ClientConfig(document(this))
  }
}

/** The platform that a client works for. Each platform's behaviour is available on every other. */
public enum class Platform {
  /** Android. */
  ANDROID,

  /** iOS. */
  IOS,

  /** Windows, macOS and Linux. */
  PC,

  /** HarmonyOS. */
  HARMONY,

  /** The developer tools. */
  DEVTOOLS,
}

/** A method that the published page does not list and that the host app may switch on. */
public enum class ExtraMethod {
  /** PATCH. It sends data as POST does. */
  PATCH,

  /** OPTIONS. It sends data as DELETE does. */
  OPTIONS,
}
