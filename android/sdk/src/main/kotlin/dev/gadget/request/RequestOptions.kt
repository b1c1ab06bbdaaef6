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
 * They are not checked here: what is wrong with them is the outcome of the call, 104 with the name
 * of the field, and nothing is sent. Can be used for any number of calls, of any client, from any
 * thread.
 */
public class RequestOptions private constructor(builder: Builder) {
  /** Options with a URL, and what [configure] sets. */
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

  /**
   * Gathers options. For one thread at a time.
   *
   * @property url absolute, `http` or `https`, without user name and password
   */
  public class Builder(public var url: String) {
    internal val headers = mutableListOf<Header>()

    /** `GET`, `POST`, `PUT`, `HEAD`, `DELETE`, or what the host switched on; in any case. */
    public var method: String = "GET"

    /** What to send; null: nothing. */
    public var data: Data? = null

    /** Whether a text body that is JSON is given as JSON (`dataType`). */
    public var parseJson: Boolean = true

    /** Whether the call is after text or bytes. */
    public var responseType: ResponseType = ResponseType.TEXT

    /**
     * Milliseconds from the call's dispatch to the last byte of the body, 1 to 60000. Null, or
     * anything else: the client's [ClientConfig.Builder.timeoutMs].
     */
    public var timeoutMs: Long? = null

    /** What to do with a redirect. Default: follow it. */
    public var redirect: Redirect = Redirect.FOLLOW

    /**
     * Adds a header. Of names equal without case the last wins; some are the engine's own and
     * dropped (docs/contract.md#2-headers-out). Without a `content-type` it is `application/json`.
     */
    public fun header(name: String, value: String): Builder =
      apply { headers += Header(name, value) }

    /** The options gathered so far; the builder can be used on. */
    public fun build(): RequestOptions = RequestOptions(this)
  }
}

/**
 * What a call sends. With `GET` and `HEAD` text and JSON go into the query, with `POST` and `PUT`
 * all goes into the body; docs/contract.md#3-data-out has the rest. All of it together has at most 100 MiB.
 */
public sealed class Data {
  /**
   * Text, sent as it stands, as UTF-8; empty text is no data.
   *
   * @property text the text
   */
  public class Text(public val text: String) : Data()

  /**
   * The JSON text of one object or array. In a JSON body it is sent to the letter; a form body
   * (`application/x-www-form-urlencoded`) or a query is made of its members.
   *
   * @property json the JSON text
   */
  public class Json(public val json: String) : Data()

  /**
   * Bytes, sent as they are (JavaScript's ArrayBuffer). `GET` and `HEAD` refuse them.
   *
   * @property bytes the bytes. They are copied when a call starts; until then they must not change
   */
  public class Bytes(public val bytes: ByteArray) : Data()
}

/** Whether the result is text or bytes (`responseType`). */
public enum class ResponseType {
  /** Text, or the JSON that it is. */
  TEXT,

  /** Bytes, never decoded from a charset and never parsed. */
  ARRAY_BUFFER,
}

/**
 * What a call does with a redirect (docs/contract.md#9-redirects): a 301, 302, 303, 307 or 308 that says where
 * to. Any other 3xx is the result.
 */
public enum class Redirect {
  /**
   * Follow it, as browsers do and at most [ClientConfig.Builder.maxRedirects] times; the last
   * response is the result. A 301 or 302 turns POST into GET, a 303 all but GET and HEAD, without
   * the body then. Each hop must be allowed as the first URL must, takes cookies and leaves cookies
   * anew; `authorization` and `cookie` headers are not carried to another origin. One that leads
   * nowhere fails with 305 `bad redirect`.
   */
  FOLLOW,

  /** The 3xx is the result, with its `location`. */
  MANUAL,

  /** Fail with 305 `redirect refused`. */
  ERROR,
}
