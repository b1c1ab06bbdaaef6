package dev.gadget.request.internal

import android.util.Log
import java.util.concurrent.Executor
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit

/** A line in logcat, beside those of the engine. */
internal fun warn(message: String, cause: Throwable? = null) {
  Log.w("gadget-request", message, cause)
}

/** Runs work in its order on a thread of its own, which ends when it has had none for a while. */
internal fun workerThread(name: String): Executor =
  ThreadPoolExecutor(0, 1, 10, TimeUnit.SECONDS, LinkedBlockingQueue()) { work ->
    Thread(work, "gadget-request-$name").apply { isDaemon = true }
  }
