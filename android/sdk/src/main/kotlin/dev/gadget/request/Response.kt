package dev.gadget.request

/**
 * What the server answered: any status at all, 404 and 500 too (docs/contract.md#4-result). It is complete;
 * nothing need be closed. It may be used from any thread.
 *
 * @property status the HTTP status, 100 to 999
 * @property headers the header fields in their order, names in lower case; a field that repeats
 *   stands repeatedly. A value that is not UTF-8 was read as ISO-8859-1. `set-cookie` is not among
 *   them where it is [SetCookies.HIDDEN]
 * @property body the bytes after content-decoding; empty, never null. It is not copied: the same
 *   array each time
 * @property text the body after charset decoding, which never fails; null where the call asked for
 *   [ResponseType.ARRAY_BUFFER]
 * @property json the text of the one JSON value that [text] is, without white space around it; null
 *   if it is none, or if [RequestOptions.parseJson] is off
 * @property trace the call's id, for support and logs (docs/contract.md#6-trace)
 */
public class Response internal constructor(
  public val status: Int,
  public val headers: List<Header>,
  public val body: ByteArray,
  public val text: String?,
  public val json: String?,
  public val trace: String,
) {
  /**
   * The value of a header, found without case; where it repeats, its values joined with `, `, as
   * JavaScript sees them. Null if there is none.
   */
  public fun header(name: String): String? =
    headers(name).takeIf { it.isNotEmpty() }?.joinToString(", ")

  /** The values of a header, found without case, in their order. */
  public fun headers(name: String): List<String> =
    headers.filter { it.name.equals(name, ignoreCase = true) }.map { it.value }

  /** The `set-cookie` lines, one each, in their order; none where they are [SetCookies.HIDDEN]. */
  public val cookies: List<String>
    get() = headers("set-cookie")

  /** The status and the trace; nothing of the content. */
  override fun toString(): String = "Response(status=$status, trace=$trace)"
}

/**
 * A header field.
 *
 * @property name its name
 * @property value its value
 */
public class Header(public val name: String, public val value: String)
