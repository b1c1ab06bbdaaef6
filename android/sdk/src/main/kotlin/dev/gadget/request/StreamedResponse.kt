package dev.gadget.request

import dev.gadget.request.internal.EngineTask
import dev.gadget.request.internal.Streaming
import kotlinx.coroutines.flow.Flow

/**
 * A response whose body is read while it arrives: see [GadgetClient.stream]. It may be used from
 * any thread, as long as the block of `stream` runs.
 *
 * @property head the status and the headers
 */
public class StreamedResponse internal constructor(
  public val head: ResponseHead,
  private val task: EngineTask,
  private val streaming: Streaming,
) {
  /** The HTTP status, 100 to 999. */
  public val status: Int
    get() = head.status

  /** The trace of the call, for support and logs (docs/contract.md#6-trace). */
  public val trace: String
    get() = task.trace

  /**
   * The pieces of the body, decoded from their codings, in their order; none is empty. Each array
   * belongs to the collector. The flow ends with the body. It can be collected once.
   *
   * A collector that takes its time slows the server down: while it has a piece, the engine reads
   * less than 1 MiB ahead. No thread waits meanwhile, but the timeout of the call goes on.
   *
   * The collector runs in its own coroutine, as with any flow. If it is cancelled, throws, or takes
   * only some pieces, the call is aborted.
   *
   * Collecting throws [GadgetException] if the call fails before the end of the body, and
   * `IllegalStateException` the second time.
   */
  public val body: Flow<ByteArray> = streaming.body(task)

  /**
   * When the phases of the call began and ended, and what went over the wire; null until the body
   * was read to its end.
   */
  public val timing: Timing?
    get() = streaming.timing

  /** The status and the trace. The content is left out of logs. */
  override fun toString(): String = "StreamedResponse(status=$status, trace=$trace)"
}
