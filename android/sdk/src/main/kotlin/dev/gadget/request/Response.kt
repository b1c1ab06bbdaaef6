package dev.gadget.request

import dev.gadget.request.internal.TextPart
import dev.gadget.request.internal.TextReader
import dev.gadget.request.internal.joined
import dev.gadget.request.internal.values

/**
 * The server's answer, with any status, 404 and 500 too (docs/contract.md#4-result). It is
 * complete, and nothing has to be closed. It may be used from any thread.
 *
 * Headers and text become Kotlin strings when they are first read.
 *
 * @property status the HTTP status, 100 to 999
 * @property body the bytes after content decoding; empty, never null. The array is not copied: it
 *   is the same each time, and must not be changed
 */
public class Response internal constructor(
  public val status: Int,
  public val body: ByteArray,
  private val texts: ByteArray,
  private val textPart: TextPart?,
  private val jsonPart: TextPart?,
  private val timingBytes: ByteArray = Timing.NONE,
) {
  /**
   * The header fields in their order, with names in lower case. A repeated field appears
   * repeatedly. A value that is not UTF-8 is read as ISO-8859-1. `set-cookie` is missing if it is
   * [SetCookies.HIDDEN].
   */
  public val headers: List<Header> by lazy(LazyThreadSafetyMode.PUBLICATION) {
    val reader = TextReader(texts)
    reader.next() // the trace
    buildList { for (name in reader) add(Header(name, reader.next())) }
  }

  /**
   * The body after charset decoding, which never fails; null if the call asked for
   * [ResponseType.ARRAY_BUFFER].
   */
  public val text: String?
    get() = textPart?.text

  /**
   * [text] without the white space around it, if it is one JSON value; else null. Also null if
   * [RequestOptions.parseJson] is false.
   */
  public val json: String?
    get() = jsonPart?.text

  /**
   * The body as an object of the host app, made by its own JSON library. This library needs none.
   *
   * ```
   * val order = response.json { Json.decodeFromString<Order>(it) } // kotlinx.serialization
   * val order = response.json(moshi.adapter(Order::class.java)::fromJson)
   * val order = response.json { gson.fromJson(it, Order::class.java) }
   * ```
   *
   * In Java: `response.json(text -> gson.fromJson(text, Order.class))`.
   *
   * The status is not looked at: 404 and 500 have bodies too. A body that is not JSON reaches
   * [converter] as it is, and the JSON library says what is wrong with it. Its words may quote the
   * body: do not log them. Gson makes null of an empty body.
   *
   * The function runs on this thread, each time. Large bodies take time: call it away from the main
   * thread.
   *
   * @param converter gets [json]; without it [text]; without both, for
   *   [ResponseType.ARRAY_BUFFER], the body as UTF-8
   * @throws Exception what [converter] throws, unchanged
   */
  @Throws(Exception::class)
  public fun <T> json(converter: JsonConverter<T>): T =
    converter.convert(json ?: text ?: body.decodeToString().removePrefix("\uFEFF"))

  /** When the phases of the call began and ended, and what went over the wire. */
  public val timing: Timing
    get() = Timing(timingBytes)

  /** The trace of the call, for support and logs (docs/contract.md#6-trace). */
  public val trace: String
    get() = TextReader(texts).next()

  /**
   * The value of a header; null if there is none. Names are compared without case. The values of a
   * repeated header are joined with `, `, as in JavaScript.
   */
  public fun header(name: String): String? = headers.joined(name)

  /** All values of a header, in their order. Names are compared without case. */
  public fun headers(name: String): List<String> = headers.values(name)

  /**
   * The `set-cookie` lines, each its own text, in their order. Empty if they are
   * [SetCookies.HIDDEN].
   */
  public val cookies: List<String>
    get() = headers("set-cookie")

  /** The status and the trace. The content is left out of logs. */
  override fun toString(): String = "Response(status=$status, trace=$trace)"
}

/**
 * A header field. Two are equal if their names, to the letter, and their values are.
 *
 * @property name the name
 * @property value the value
 */
public class Header(public val name: String, public val value: String) {
  override fun equals(other: Any?): Boolean =
    other is Header && name == other.name && value == other.value

  override fun hashCode(): Int = 31 * name.hashCode() + value.hashCode()

  /** The name. The value may be secret, so it is left out of logs. */
  override fun toString(): String = "Header(name=$name)"
}
