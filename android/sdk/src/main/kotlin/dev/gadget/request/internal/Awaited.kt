// A coroutine that waits for the outcome of a call.
package dev.gadget.request.internal

import dev.gadget.request.RequestTask
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume

/** Starts a call and waits for its outcome. If the coroutine is cancelled, the call is aborted. */
internal suspend fun <T> awaited(start: ((T) -> Unit) -> RequestTask): T {
  currentCoroutineContext().ensureActive()
  return suspendCancellableCoroutine { continuation ->
    // The continuation ignores an outcome that comes after its cancellation.
    val task = start { outcome -> continuation.resume(outcome) }
    continuation.invokeOnCancellation { task.abort() }
  }
}
