package dev.gadget.request

import dev.gadget.request.internal.TextPart
import dev.gadget.request.internal.TextReader
import dev.gadget.request.internal.joined
import dev.gadget.request.internal.values

/**
 * The head of a response, while its body is still on the way: what [Response] has of it later. It
 * is the head of the last response, never of a redirect that is followed. It may be used from any
 * thread.
 *
 * @property status the HTTP status, 100 to 999
 */
public class ResponseHead internal constructor(
  public val status: Int,
  private val texts: ByteArray,
  private val jsonPart: TextPart,
) {
  /**
   * The header fields in their order, with names in lower case. A repeated field appears
   * repeatedly. `set-cookie` is missing if it is [SetCookies.HIDDEN].
   */
  public val headers: List<Header> by lazy(LazyThreadSafetyMode.PUBLICATION) {
    val reader = TextReader(texts)
    buildList { for (name in reader) add(Header(name, reader.next())) }
  }

  /**
   * The value of a header; null if there is none. Names are compared without case. The values of a
   * repeated header are joined with `, `, as in JavaScript.
   */
  public fun header(name: String): String? = headers.joined(name)

  /** All values of a header, in their order. Names are compared without case. */
  public fun headers(name: String): List<String> = headers.values(name)

  /** The `set-cookie` lines, each its own text, in their order. */
  public val cookies: List<String>
    get() = headers("set-cookie")

  /**
   * The object for the listeners of a mini program (`onHeadersReceived`), as JSON text:
   * `statusCode`, `header` and `cookies`, as the result has them.
   */
  public val json: String
    get() = jsonPart.text

  /** The status. The content is left out of logs. */
  override fun toString(): String = "ResponseHead(status=$status)"
}
