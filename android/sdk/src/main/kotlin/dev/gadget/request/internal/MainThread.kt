package dev.gadget.request.internal

import android.os.Handler
import android.os.Looper
import java.util.concurrent.Executor
import java.util.concurrent.RejectedExecutionException

/**
 * Android's main thread; null where there is none. A JVM has no `Looper`. In the `android.jar` of
 * local unit tests, every function throws or returns null.
 */
internal fun mainThread(): Executor? = try {
  MainThread.find()
} catch (_: LinkageError) {
  null
} catch (_: RuntimeException) {
  null
}

/** A class of its own, because it cannot be linked on a JVM. */
private class MainThread(looper: Looper) : Executor {
  private val handler = Handler(looper)

  override fun execute(command: Runnable) {
    if (!handler.post(command)) throw RejectedExecutionException("the main thread has ended")
  }

  companion object {
    fun find(): Executor? {
      val looper: Looper? = Looper.getMainLooper()
      return looper?.let(::MainThread)
    }
  }
}
