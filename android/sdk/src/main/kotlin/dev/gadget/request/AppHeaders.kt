package dev.gadget.request

/**
 * Headers that the host app adds for listed hosts ([ClientConfig.Builder.appHeaders],
 * docs/contract.md#2-headers-out).
 *
 * ```
 * AppHeaders(listOf("api.example.com"), mapOf("x-app-token" to token))
 * ```
 *
 * They win over the headers of the caller and of the engine, reserved names too. If two entries
 * set the same header for a host, the later entry wins. The hosts are compared again for each
 * redirect.
 *
 * Hosts and headers are not checked here: [GadgetClient] refuses an invalid entry, a header that
 * belongs to the connection (`host`, `content-length`, …) and `cookie`, which belongs in the
 * [CookieJar]. Two are equal if their hosts and headers are. It may be used from any thread.
 */
public class AppHeaders(hosts: List<String>, headers: Map<String, String>) {
  /**
   * The hosts, in the form of [ClientConfig.Builder.allowedHosts]. For a secret token write
   * `https://` before the host, so that the token is never sent without TLS:
   * `https://api.example.com`.
   */
  public val hosts: List<String> = hosts.toList()

  /** The values of the headers, by name. Names that are equal without case are one header. */
  public val headers: Map<String, String> = headers.toMap()

  override fun equals(other: Any?): Boolean =
    other is AppHeaders && hosts == other.hosts && headers == other.headers

  override fun hashCode(): Int = 31 * hosts.hashCode() + headers.hashCode()

  /** The hosts and the names. The values may be secret, so they are left out of logs. */
  override fun toString(): String = "AppHeaders(hosts=$hosts, names=${headers.keys})"
}
