package dev.gadget.request.internal

import dev.gadget.request.Errno
import dev.gadget.request.InvokeResult
import dev.gadget.request.Response
import dev.gadget.request.ResponseHead
import dev.gadget.request.Timing

/**
 * The functions of the engine's library that every call needs, over JNI. Numbers stand for clients:
 * a number that is not known, or no longer, is a closed client. Traces stand for running calls.
 * Texts are UTF-8, several in one array as [textBytes] writes them.
 *
 * The library finds all members by their names (consumer-rules.pro).
 */
internal object NativeCalls {
  /** Bits of `flags`. */
  const val PARSE_JSON = 1
  const val ARRAY_BUFFER = 2
  const val REDIRECT_MANUAL = 4
  const val REDIRECT_ERROR = 8
  const val DATA_IS_JSON = 16
  const val DATA_IS_BYTES = 32
  const val ENABLE_CHUNKED = 128

  /** The call is one with [NativeCall.events]. */
  const val HEARS = 256

  /** Gives Android's certificate verifier an application's `Context`. */
  @JvmStatic
  external fun initialize(context: Any)

  /**
   * Makes a client.
   *
   * @throws IllegalArgumentException a setting is invalid; the message names its field
   */
  @JvmStatic
  external fun open(configJson: ByteArray): Long

  /** Ends a client: its calls fail with 301, and its number is free. */
  @JvmStatic
  external fun close(client: Long)

  /** Frees the number of a client that nobody holds. What else uses the client goes on. */
  @JvmStatic
  external fun forget(client: Long)

  /**
   * Starts a call. [texts] are the URL, the method, and names and values of headers by turns.
   * [timeoutMs] is 0 for the client's default.
   *
   * @return its trace
   */
  @JvmStatic
  external fun start(
    client: Long,
    flags: Int,
    timeoutMs: Long,
    texts: ByteArray,
    data: ByteArray?,
    call: Any,
  ): String

  /** Starts a call with options as JSON. */
  @JvmStatic
  external fun startJson(
    client: Long,
    options: ByteArray,
    data: ByteArray?,
    hears: Boolean,
    call: Any,
  ): String

  /** Starts a call with options as JSON, for a result as JSON. */
  @JvmStatic
  external fun invoke(
    client: Long,
    options: ByteArray,
    data: ByteArray?,
    hears: Boolean,
    call: Any,
  ): String

  @JvmStatic
  external fun abort(trace: String)

  /** Lets the next event of a call come, after a chunk. */
  @JvmStatic
  external fun resume(trace: String)

  @JvmStatic
  external fun setOnline(client: Long, online: Boolean)

  @JvmStatic
  external fun networkChanged(client: Long)

  @JvmStatic
  external fun setBackground(client: Long, background: Boolean)

  @JvmStatic
  external fun inFlight(client: Long): Int

  @JvmStatic
  external fun queued(client: Long): Int

  /** The number of open clients in the process. */
  @JvmStatic
  external fun openClients(): Int

  /** The number of calls in the process that have not ended. */
  @JvmStatic
  external fun runningCalls(): Int

  /**
   * A [TypedCall] has a response. The library calls this, once, on a thread of the engine.
   *
   * @param texts the trace, and names and values of headers by turns
   * @param ownText the text, if it is not a part of [body]
   * @param textFrom where the text begins in [ownText] or [body]; -1 if there is none
   * @param jsonFrom where the JSON value begins in the text; -1 if there is none
   * @param timing the profile, as [Timing] reads it
   */
  @JvmStatic
  @Suppress("LongParameterList")
  fun succeeded(
    call: Any,
    status: Int,
    texts: ByteArray,
    body: ByteArray,
    ownText: ByteArray?,
    textFrom: Int,
    textTo: Int,
    jsonFrom: Int,
    jsonTo: Int,
    timing: ByteArray?,
  ) = reportingThrown {
    val text = if (textFrom < 0) null else TextPart(ownText ?: body, textFrom, textTo)
    val json = if (jsonFrom < 0) null else text?.part(jsonFrom, jsonTo)
    val response = Response(status, body, texts, text, json, timing ?: Timing.NONE)
    (call as TypedCall).completed(Outcome.Success(response))
  }

  /**
   * A [TypedCall] has failed: [texts] are the trace, the detail, and the cause if there is one;
   * [timing] is the profile if it had a place.
   */
  @JvmStatic
  fun failed(call: Any, errno: Int, texts: ByteArray, timing: ByteArray?) = reportingThrown {
    val reader = TextReader(texts)
    val (trace, detail) = reader.next() to reader.next()
    val cause = if (reader.hasNext()) reader.next() else null
    // No other number can come: scripts/check compares Errno with the list of the engine.
    val group = Errno.of(errno) ?: Errno.INTERNAL
    (call as TypedCall).completed(Outcome.Fail(group, detail, trace, cause, timing))
  }

  /**
   * A [NativeCall] that hears of its response has the head. The library calls this on a thread of
   * the engine.
   *
   * @param texts names and values of headers by turns
   * @param json the head for a mini program
   */
  @JvmStatic
  fun receivedHeaders(call: Any, status: Int, texts: ByteArray, json: ByteArray) = reportingThrown {
    val head = ResponseHead(status, texts, TextPart(json, 0, json.size))
    (call as NativeCall).events?.headers(head)
  }

  /** A piece of the body is there. The next one waits for [resume]. */
  @JvmStatic
  fun receivedChunk(call: Any, bytes: ByteArray) = reportingThrown {
    (call as NativeCall).events?.chunk(bytes)
  }

  /** A [JsonCall] has ended. */
  @JvmStatic
  fun finished(call: Any, isSuccess: Boolean, json: ByteArray, arrayBuffer: ByteArray?) =
    reportingThrown {
      (call as JsonCall).completed(InvokeResult(json.decodeToString(), arrayBuffer, isSuccess))
    }
}

/** A running call. It keeps [engine] alive until it has ended. */
internal sealed class NativeCall(val engine: Engine, val events: CallEvents?)

/** A call for a typed outcome. */
internal class TypedCall(engine: Engine, events: CallEvents?, val completed: (Outcome) -> Unit) :
  NativeCall(engine, events)

/** A call for a result as JSON. */
internal class JsonCall(
  engine: Engine,
  events: CallEvents?,
  val completed: (InvokeResult) -> Unit,
) : NativeCall(engine, events)
