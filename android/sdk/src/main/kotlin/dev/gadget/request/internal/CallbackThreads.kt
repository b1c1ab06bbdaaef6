package dev.gadget.request.internal

import com.sun.jna.CallbackThreadInitializer
import com.sun.jna.Native
import dev.gadget.request.generated.uniffiCallbackInterfaceCallObserver
import dev.gadget.request.generated.uniffiCallbackInterfaceCompletion
import dev.gadget.request.generated.uniffiCallbackInterfaceCookieObserver
import dev.gadget.request.generated.uniffiCallbackInterfaceCookieStorage
import dev.gadget.request.generated.uniffiCallbackInterfaceEvents
import dev.gadget.request.generated.uniffiCallbackInterfaceHostResolver
import dev.gadget.request.generated.uniffiCallbackInterfaceInvokeCompletion
import dev.gadget.request.generated.uniffiCallbackInterfaceProxySelector
import dev.gadget.request.generated.uniffiCallbackInterfaceReply

/**
 * Attaches each thread of the engine to the JVM once, as a daemon. By default JNA attaches and
 * detaches it for each callback.
 */
internal val keepThreadsAttached: Unit by lazy {
  val initializer = CallbackThreadInitializer(true, false, "gadget-request")
  listOf(
    uniffiCallbackInterfaceCompletion.completed,
    uniffiCallbackInterfaceInvokeCompletion.completed,
    uniffiCallbackInterfaceEvents.receivedHeaders,
    uniffiCallbackInterfaceEvents.receivedChunk,
    uniffiCallbackInterfaceCallObserver.onEvent,
    uniffiCallbackInterfaceCookieObserver.changed,
    uniffiCallbackInterfaceCookieStorage.load,
    uniffiCallbackInterfaceCookieStorage.save,
    uniffiCallbackInterfaceCookieStorage.setAside,
    uniffiCallbackInterfaceHostResolver.resolve,
    uniffiCallbackInterfaceProxySelector.select,
    uniffiCallbackInterfaceReply.text,
    uniffiCallbackInterfaceReply.bytes,
    uniffiCallbackInterfaceReply.nothing,
  ).forEach { Native.setCallbackThreadInitializer(it, initializer) }
}

/**
 * Runs a callback of the host app on a thread of the engine, or hands it to the executor of the
 * client ([deliver]). An exception goes to the thread's uncaught exception handler; in the engine
 * it would be a panic.
 */
internal inline fun reportingThrown(callback: () -> Unit) {
  try {
    callback()
  } catch (thrown: Throwable) {
    val thread = Thread.currentThread()
    runCatching { thread.uncaughtExceptionHandler.uncaughtException(thread, thrown) }
  }
}
