package dev.gadget.request.internal

import dev.gadget.request.ResponseHead
import dev.gadget.request.Timing
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import java.util.concurrent.atomic.AtomicBoolean

/** The way of one response from the engine's threads to the coroutine that reads it. */
internal class Streaming : CallEvents {
  /** Null if there is no response. */
  private val head = CompletableDeferred<ResponseHead?>()

  /** One place is enough: the next chunk comes when the one before was read. */
  private val chunks = Channel<ByteArray>(1)
  private val isCollected = AtomicBoolean()

  @Volatile
  private var outcome: Outcome? = null

  /** The profile of a call that has succeeded. */
  val timing: Timing? get() = (outcome as? Outcome.Success)?.response?.timing

  override fun headers(head: ResponseHead) {
    this.head.complete(head)
  }

  override fun chunk(bytes: ByteArray) {
    chunks.trySend(bytes)
  }

  fun completed(outcome: Outcome) {
    this.outcome = outcome
    when (outcome) {
      is Outcome.Success -> chunks.close()

      // A chunk that nobody has read yet does not come any more.
      is Outcome.Fail -> chunks.cancel()
    }
    head.complete(null)
  }

  /** Waits for the head. Throws if there is none. */
  suspend fun head(): ResponseHead = head.await() ?: throw failure()

  fun body(task: EngineTask): Flow<ByteArray> = flow {
    check(isCollected.compareAndSet(false, true)) { "the body can be collected once" }
    try {
      while (true) {
        emit(chunks.receiveCatching().getOrNull() ?: break)
        task.resume()
      }
    } finally {
      // Has no effect at the end of the body.
      task.abort()
    }
    if (outcome is Outcome.Fail) throw failure()
  }

  private fun failure() = (outcome as Outcome.Fail).exception()
}
