package dev.gadget.request

/**
 * The settings of a client. They are one JSON document, the same on every platform, which the
 * engine reads when the client is made.
 *
 * ```
 * val config = ClientConfig {
 *   appId = "cli_9dff7f6ae02ad104"
 *   appVersion = "1.2.0"
 *   timeoutMs = 20_000
 * }
 * ```
 *
 * Can be used for any number of clients, from any thread.
 *
 * @property json the document
 */
public class ClientConfig private constructor(public val json: String) {
  /** What [configure] sets; all else is the engine's default. */
  @JvmOverloads
  public constructor(configure: Builder.() -> Unit = {}) : this(Builder().apply(configure).json())

  public companion object {
    /**
     * A document of the host's own, with the names of docs/contract.md and [Builder] in snake case
     * (`timeout_ms`). It is read by [GadgetClient], which refuses what is no such document. A field
     * that is absent takes its default, an unknown one is an error.
     */
    @JvmStatic
    public fun ofJson(text: String): ClientConfig = ClientConfig(text)
  }

  /** Gathers settings; null means the engine's default. For one thread at a time. */
  public class Builder {
    /** The host platform whose rules hold. */
    public var platform: Platform = Platform.ANDROID

    /** The mini program's id, as it stands in the referer. Default: empty. */
    public var appId: String? = null

    /** The mini program's version, likewise. Default: empty. */
    public var appVersion: String? = null

    /**
     * The `referer` sent; `{app_id}` and `{app_version}` in it are replaced, percent-encoded.
     * Default: that of the published page.
     */
    public var referer: String? = null

    /**
     * The `user-agent` of calls that set none. Default: `gadget-request/` and the engine's version.
     */
    public var userAgent: String? = null

    /** Headers of the host's own for some hosts. Default: none. */
    public var appHeaders: List<AppHeaders> = emptyList()

    /** Methods allowed beside the five of the published page. Default: none. */
    public var extraMethods: List<ExtraMethod> = emptyList()

    /**
     * Whether DELETE and OPTIONS send an object as POST does, in the body. Default: no, in the
     * query.
     */
    public var deleteDataAsPost: Boolean? = null

    /**
     * What is to be done with cookies otherwise than the platform does it. Default: nothing.
     */
    public var cookiePolicy: CookiePolicy? = null

    /**
     * The folder in which cookies are kept between runs, one file for each app id; made where it is
     * missing. A host gives each of its users a folder, on Android below `Context.getFilesDir()`.
     * Default: none, and they end with the client, unless it has a [CookieStorage].
     */
    public var cookieDir: String? = null

    /**
     * The hosts that may be requested, redirects included; any other fails with 110 `host not
     * allowed`. `example.com` or an IP address is itself alone, `*.example.com` all below it; a
     * port behind it (`example.com:8443`) is that port alone, without one every port is meant;
     * `https://` before it leaves cleartext out. Default, null: all hosts. An empty list is none.
     */
    public var allowedHosts: List<String>? = null

    /**
     * Whether http without TLS is allowed, redirects included; if not, it fails with 110 `cleartext
     * not allowed`. Default: yes.
     */
    public var allowCleartext: Boolean? = null

    /**
     * Whether addresses are allowed that are not for the whole internet: loopback, private,
     * link-local and all else in IANA's registries of special-purpose addresses. If not, a URL or a
     * name that leads to such addresses only fails with 110 `private address not allowed`,
     * redirects included. The address that is judged is the one connected to; names that a proxy
     * looks up are not judged. Default: yes.
     */
    public var allowPrivateAddresses: Boolean? = null

    /**
     * Networks (`10.1.0.0/16`, or a single address) that are allowed where private addresses are
     * not. Default: none.
     */
    public var allowedPrivateNetworks: List<String> = emptyList()

    /**
     * Most redirects that a call follows, 0 or more; one more fails with 305 `too many redirects`.
     * Default: 20.
     */
    public var maxRedirects: Int? = null

    /**
     * Milliseconds from a call's dispatch to its last byte, for calls that set none; at least 1.
     * Default: 60 s.
     */
    public var timeoutMs: Long? = null

    /**
     * Most calls that wait for one of the ten places, 0 or more; one more fails with 111. Default:
     * 1000.
     */
    public var maxQueued: Int? = null

    /**
     * Most bytes of options, bodies included, that wait for one of the ten places, 0 or more; what
     * would make them more fails with 111. Default: 64 MiB.
     */
    public var maxQueuedBytes: Long? = null

    /**
     * Milliseconds that a call may wait for its place, at least 1; then it fails with 302. They are
     * no part of [timeoutMs]. Default: as long as it takes.
     */
    public var queueTimeoutMs: Long? = null

    /**
     * Milliseconds that calls go on after [GadgetClient.enterBackground], 0 being not at all; then
     * they fail with 112. Default: for ever.
     */
    public var backgroundGraceMs: Long? = null

    /** Milliseconds for a new connection, TLS included; at least 1. Default: 15 s. */
    public var connectTimeoutMs: Long? = null

    /** Milliseconds that an unused connection is kept; at least 1. Default: 30 s. */
    public var idleTimeoutMs: Long? = null

    /** Most bytes of a body, decoded; counted at each content coding. Default: 100 MiB. */
    public var maxBodyBytes: Long? = null

    /**
     * Most bytes of a body's text, after charset decoding and as JSON writes it (a control
     * character takes six), 0 or more; one more fails with 305 `body too large`. Default: as many
     * as [maxBodyBytes].
     */
    public var maxTextBytes: Long? = null

    /**
     * Most bytes of a caller's headers, names and values together, 0 or more; one more fails with
     * 104. Default: 256 KiB.
     */
    public var maxCallerHeaderBytes: Long? = null

    /**
     * Most unused connections that are kept, 0 or more; of more, those unused for the longest time
     * are closed. All clients of a process keep 128 at most. Default: 32.
     */
    public var maxIdleConnections: Int? = null

    /** Most bytes of a response's head, at most 384 KiB. Default: 256 KiB. */
    public var maxHeadBytes: Long? = null

    /** Most fields of a response's head. Default: 2000. */
    public var maxHeadFields: Int? = null

    /**
     * Host names resolved by hand, `HOST:PORT:ADDRESS` each, past the name service and the client's
     * [HostResolver]. The address may carry a port of its own (`[::1]:8443`). Default: none.
     */
    public var resolve: List<String> = emptyList()

    /**
     * The proxy that all calls go through, an http or https URL, with user name and password if it
     * asks for them. Default: none; neither the environment nor the system's settings are read.
     */
    public var proxy: String? = null

    /** Certificates (PEM, one or more) trusted beside those of the system. Default: none. */
    public var rootsPem: String? = null

    /** Whether the system's trust anchors count. Default: yes. */
    public var systemRoots: Boolean? = null

    /**
     * Public keys that hosts must show, `HOST=sha256/BASE64` each (RFC 7469 section 2.4); several
     * for a host are alternatives. Checked on the server's own certificate, after all other checks.
     * Default: none.
     */
    public var pins: List<String> = emptyList()

    /** The settings gathered so far; the builder can be used on. */
    public fun build(): ClientConfig = ClientConfig(json())

    internal fun json(): String = JsonObject()
      .text("platform", platform.word)
      .text("app_id", appId)
      .text("app_version", appVersion)
      .text("referer", referer)
      .text("user_agent", userAgent)
      .raw("app_headers", appHeadersJson())
      .texts("extra_methods", extraMethods.map { it.name })
      .raw("delete_data_as_post", deleteDataAsPost?.toString())
      .raw("cookie_policy", cookiePolicy?.json())
      .text("cookie_dir", cookieDir)
      .raw("allowed_hosts", allowedHosts?.let(::jsonTexts))
      .raw("allow_cleartext", allowCleartext?.toString())
      .raw("allow_private_addresses", allowPrivateAddresses?.toString())
      .texts("allowed_private_networks", allowedPrivateNetworks)
      .raw("max_redirects", maxRedirects?.toString())
      .raw("timeout_ms", timeoutMs?.toString())
      .raw("max_queued", maxQueued?.toString())
      .raw("max_queued_bytes", maxQueuedBytes?.toString())
      .raw("queue_timeout_ms", queueTimeoutMs?.toString())
      .raw("background_grace_ms", backgroundGraceMs?.toString())
      .raw("connect_timeout_ms", connectTimeoutMs?.toString())
      .raw("idle_timeout_ms", idleTimeoutMs?.toString())
      .raw("max_body_bytes", maxBodyBytes?.toString())
      .raw("max_text_bytes", maxTextBytes?.toString())
      .raw("max_caller_header_bytes", maxCallerHeaderBytes?.toString())
      .raw("max_idle_connections", maxIdleConnections?.toString())
      .raw("max_head_bytes", maxHeadBytes?.toString())
      .raw("max_head_fields", maxHeadFields?.toString())
      .texts("resolve", resolve)
      .text("proxy", proxy)
      .text("roots_pem", rootsPem)
      .raw("system_roots", systemRoots?.toString())
      .texts("pins", pins)
      .toString()

    private fun appHeadersJson(): String? = appHeaders
      .takeIf { it.isNotEmpty() }
      ?.joinToString(",", "[", "]") { it.json() }
  }
}

/**
 * The host platform a client works for. A value: every platform's behaviour can be had, and tested,
 * on every other.
 */
public enum class Platform(internal val word: String) {
  /** Android. */
  ANDROID("android"),

  /** iOS. */
  IOS("ios"),

  /** Windows, macOS and Linux. */
  PC("pc"),

  /** HarmonyOS. */
  HARMONY("harmony"),

  /** The developer tools. */
  DEVTOOLS("devtools"),
}

/** A method that the published page does not list and a host may switch on. */
public enum class ExtraMethod {
  /** PATCH; its data goes out as POST's does. */
  PATCH,

  /** OPTIONS; its data goes out as DELETE's does. */
  OPTIONS,
}
