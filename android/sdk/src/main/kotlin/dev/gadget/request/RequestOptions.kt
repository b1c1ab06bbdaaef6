package dev.gadget.request

/**
 * The options of one call (docs/contract.md#1-options-in).
 *
 * ```
 * val options = RequestOptions("https://example.com/orders") {
 *   method = "POST"
 *   header("authorization", token)
 *   data = Data.Json("""{"id":17}""")
 * }
 * ```
 *
 * They are not checked here. If a field is wrong, the call fails with 104, the message names the
 * field, and nothing is sent. Options may be used for any number of calls, of any client, from any
 * thread.
 */
public class RequestOptions private constructor(builder: Builder) {
  /** Options with this URL and with what [configure] sets. */
  @JvmOverloads
  public constructor(url: String, configure: Builder.() -> Unit = {}) :
    this(Builder(url).apply(configure))

  /** See [Builder.url]. */
  public val url: String = builder.url

  /** See [Builder.method]. */
  public val method: String = builder.method

  /** See [Builder.header]. */
  public val headers: List<Header> = builder.headers.toList()

  /** See [Builder.data]. */
  public val data: Data? = builder.data

  /** See [Builder.parseJson]. */
  public val parseJson: Boolean = builder.parseJson

  /** See [Builder.responseType]. */
  public val responseType: ResponseType = builder.responseType

  /** See [Builder.timeoutMs]. */
  public val timeoutMs: Long? = builder.timeoutMs

  /** See [Builder.redirect]. */
  public val redirect: Redirect = builder.redirect

  /** See [Builder.enableChunked]. */
  public val enableChunked: Boolean = builder.enableChunked

  /** A builder with all options of this one, for a call that differs a little. */
  public fun newBuilder(): Builder = Builder(url).also {
    it.method = method
    it.headers += headers
    it.data = data
    it.parseJson = parseJson
    it.responseType = responseType
    it.timeoutMs = timeoutMs
    it.redirect = redirect
    it.enableChunked = enableChunked
  }

  /**
   * Collects options. In Java it takes the place of the constructor's function:
   *
   * ```java
   * RequestOptions.Builder builder = new RequestOptions.Builder("https://example.com/orders");
   * builder.setMethod("POST");
   * builder.setData(new Data.Json("{\"id\":17}"));
   * RequestOptions options = builder.build();
   * ```
   *
   * For one thread at a time.
   *
   * @property url an absolute `http` or `https` URL, without user name and password
   */
  public class Builder(public var url: String) {
    internal val headers = mutableListOf<Header>()

    /**
     * `GET`, `POST`, `PUT`, `HEAD`, `DELETE`, or one of [ClientConfig.Builder.extraMethods], in
     * upper or lower case. Default: `GET`.
     */
    public var method: String = "GET"

    /** The data to send. Default, null: none. */
    public var data: Data? = null

    /** True if [Response.json] is wanted (`dataType: json`). Default: true. */
    public var parseJson: Boolean = true

    /** Text or bytes. Default: text. */
    public var responseType: ResponseType = ResponseType.TEXT

    /**
     * The timeout in milliseconds, 1 to 60000: from the dispatch of the call to the last byte of
     * the body, after all redirects. Default, null: [ClientConfig.Builder.timeoutMs]. The default
     * counts for any other number, too.
     */
    public var timeoutMs: Long? = null

    /** How a redirect is treated. Default: the call follows it. */
    public var redirect: Redirect = Redirect.FOLLOW

    /**
     * True if the body comes in pieces while the call runs, to the [EventListener] of
     * [GadgetClient.enqueue]; the response has an empty body then. Its size has the limit
     * [ClientConfig.Builder.maxStreamedBytes] in place of [ClientConfig.Builder.maxBodyBytes].
     * Without a listener, the body is read and dropped. [GadgetClient.stream] sets it. Default:
     * false.
     */
    public var enableChunked: Boolean = false

    /**
     * Adds a header. If names are equal without case, the last wins. The engine drops some headers
     * that are its own (docs/contract.md#2-headers-out). Without a `content-type` it sends
     * `application/json`.
     */
    public fun header(name: String, value: String): Builder =
      apply { headers += Header(name, value) }

    /** The options collected so far. The builder may be changed and used again. */
    public fun build(): RequestOptions = RequestOptions(this)
  }
}

/**
 * The data that a call sends. `GET` and `HEAD` send text and JSON in the query, `POST` and `PUT`
 * send all data in the body; docs/contract.md#3-data-out has the other cases. The options of a
 * call, data included, have at most 100 MiB.
 */
public sealed class Data {
  /**
   * Text, sent unchanged, as UTF-8. Empty text counts as no data.
   *
   * @property text the text
   */
  public class Text(public val text: String) : Data()

  /**
   * The JSON text of one object or array. A JSON body is exactly this text. A form body
   * (`application/x-www-form-urlencoded`) or a query is made from its members.
   *
   * @property json the JSON text
   */
  public class Json(public val json: String) : Data()

  /**
   * Bytes, sent unchanged (JavaScript's ArrayBuffer). A `GET` or `HEAD` with bytes fails with 104.
   *
   * @property bytes the bytes. They are copied when a call starts, and must not change before
   */
  public class Bytes(public val bytes: ByteArray) : Data()
}

/** The form of the result (`responseType`). */
public enum class ResponseType {
  /** Text, with JSON parsed if [RequestOptions.parseJson] is true. */
  TEXT,

  /** Bytes. Their charset is not decoded, and they are not parsed. */
  ARRAY_BUFFER,
}

/**
 * How a call treats a redirect: a 301, 302, 303, 307 or 308 with a `Location`
 * (docs/contract.md#9-redirects). Any other 3xx is the result.
 */
public enum class Redirect {
  /**
   * Follow it as browsers do, at most [ClientConfig.Builder.maxRedirects] times. The last response
   * is the result. A 301 or 302 turns POST into GET, a 303 turns every method but GET and HEAD into
   * GET; the body is dropped then. Each hop is checked like the first URL, sends the cookies for
   * its own URL and stores the cookies of its response. The caller's `authorization` and `cookie`
   * headers do not go to another origin. An invalid `Location` fails with 305 `bad redirect`.
   */
  FOLLOW,

  /** Do not follow it: the 3xx is the result, with its `location`. */
  MANUAL,

  /** Fail with 305 `redirect refused`. */
  ERROR,
}
