package dev.gadget.request

/**
 * Headers of the host's own for some hosts ([ClientConfig.Builder.appHeaders]).
 *
 * ```
 * AppHeaders(listOf("api.example.com"), mapOf("x-app-token" to token))
 * ```
 *
 * They win over the caller's headers and the engine's own, the reserved ones too; of two entries
 * for a host the later wins. A redirect to another host takes only those of that host along.
 *
 * It is not checked here: [GadgetClient] refuses what cannot be sent, what is the connection's own
 * (`host`, `content-length`, …) and `cookie`, which [CookieJar] is for. Two are equal where hosts
 * and headers are. It can be used from any thread, and it can be logged: [toString] shows no
 * values.
 */
public class AppHeaders(hosts: List<String>, headers: Map<String, String>) {
  /**
   * The hosts, as [ClientConfig.Builder.allowedHosts] has them. A token belongs to https alone:
   * `https://api.example.com`.
   */
  public val hosts: List<String> = hosts.toList()

  /** The headers, values by names. Names that are equal without case are one. */
  public val headers: Map<String, String> = headers.toMap()

  override fun equals(other: Any?): Boolean =
    other is AppHeaders && hosts == other.hosts && headers == other.headers

  override fun hashCode(): Int = 31 * hosts.hashCode() + headers.hashCode()

  /** Hosts and names, but no values: they are tokens, probably, and this ends up in logs. */
  override fun toString(): String = "AppHeaders(hosts=$hosts, names=${headers.keys})"

  internal fun json(): String {
    val members = JsonObject()
    headers.forEach { (name, value) -> members.text(name, value) }
    return JsonObject()
      .raw("hosts", jsonTexts(hosts))
      .raw("headers", members.toString())
      .toString()
  }
}
