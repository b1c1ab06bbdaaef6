package dev.gadget.request

/**
 * What has just happened to one call: for a [CallObserver].
 *
 * It shows what the mini program may see, and no more. The values of `cookie`, `authorization`,
 * `proxy-authorization` and of [ClientConfig.Builder.appHeaders] read `[redacted]`. URLs, other
 * headers and statuses are shown as they are, so an event is no line for a log.
 *
 * @property trace the trace of the call
 * @property at when it happened, as in [Timing]: milliseconds since 1970, with microseconds as
 *   decimals
 * @property step what happened
 * @property dropped how many events right before this one were lost, because the observer was too
 *   slow. Mostly 0
 * @property json the event as JSON: the form that all languages and tools share
 */
public class CallEvent internal constructor(
  public val trace: String,
  public val at: Double,
  public val step: CallStep,
  public val dropped: Long,
  public val json: String,
) {
  /** The name of the step and the trace. The rest is left out of logs. */
  override fun toString(): String = "CallEvent(step=${step.javaClass.simpleName}, trace=$trace)"
}

/** The step of a call that a [CallEvent] tells of. Later versions may have more steps. */
public abstract class CallStep private constructor() {
  /**
   * The call was started.
   *
   * @property method the method; null if the options cannot be read
   * @property url the URL with the data of its query, or as it was given if the call is refused;
   *   null if the options cannot be read
   */
  public class Start internal constructor(public val method: String?, public val url: String?) :
    CallStep()

  /**
   * All places were taken, and the call waits for one.
   *
   * @property ahead how many calls of the client wait before it
   */
  public class Queued internal constructor(public val ahead: Int) : CallStep()

  /**
   * The call got its place.
   *
   * @property inFlight how many calls of the client are in flight, this one among them
   * @property queued how many wait
   */
  public class Dispatched internal constructor(public val inFlight: Int, public val queued: Int) :
    CallStep()

  /**
   * The request got a connection.
   *
   * @property isReused true if it was opened for an earlier call, or for another that shares it
   * @property peerIp the address that it leads to: the server's, or the proxy's
   * @property port the port of that address
   * @property protocol `http1.1` or `h2`
   */
  public class Connection internal constructor(
    public val isReused: Boolean,
    public val peerIp: String?,
    public val port: Int?,
    public val protocol: String,
  ) : CallStep()

  /**
   * The request is handed to the connection.
   *
   * @property method the method, in upper case
   * @property url the URL, without a fragment
   * @property headers the header fields, with names in lower case
   * @property bytes how many bytes the body has
   */
  public class Request internal constructor(
    public val method: String,
    public val url: String,
    public val headers: List<Header>,
    public val bytes: Long,
  ) : CallStep()

  /**
   * The head of a response is there, of a redirect too.
   *
   * @property status the status
   * @property headers the header fields before decoding, with names in lower case; `set-cookie` is
   *   missing if it is [SetCookies.HIDDEN]
   */
  public class Head internal constructor(
    public val status: Int,
    public val headers: List<Header>,
  ) : CallStep()

  /**
   * The request is sent again, because its server or its connection has lost it.
   *
   * @property reason what happened, in short words. They may change: decide nothing by them
   * @property count how many times the call has sent a request again
   */
  public class Retry internal constructor(public val reason: String, public val count: Int) :
    CallStep()

  /**
   * The response leads to another URL, and the call follows it.
   *
   * @property status the status of the response
   * @property url the URL of the next request
   */
  public class Redirect internal constructor(public val status: Int, public val url: String) :
    CallStep()

  /**
   * The call has its outcome.
   *
   * @property status the status of the response; null if there is none
   * @property error why there is no response; null if there is one
   * @property timing the profile; null if the call never got a place
   */
  public class End internal constructor(
    public val status: Int?,
    public val error: GadgetException?,
    public val timing: Timing?,
  ) : CallStep()
}
