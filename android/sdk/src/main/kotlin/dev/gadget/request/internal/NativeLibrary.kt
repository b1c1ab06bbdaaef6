package dev.gadget.request.internal

import com.sun.jna.NativeLibrary as JnaLibrary

/** The engine's library, as JNI sees it. */
internal object NativeLibrary {
  private const val NAME = "gadget_request_uniffi"

  /** Android's `Context`, once it is known. */
  var context: Any? = null
    private set

  private var loaded: Boolean? = null

  /**
   * Loads the library at the first use. False if that is not possible: another class loader of the
   * process has it, or it was built without JNI.
   */
  val isLoaded: Boolean
    @Synchronized get() = loaded ?: load().also { loaded = it }

  /** Gives Android's certificate verifier the context: now, or when the library is loaded. */
  @Synchronized
  fun initialize(context: Any) {
    if (this.context != null) return
    this.context = context
    if (loaded == true) NativeCalls.initialize(context)
  }

  private fun load(): Boolean {
    val isFound = succeeds { System.loadLibrary(NAME) } ||
      // Where only JNA looks: the folders of jna.library.path, and JARs.
      succeeds { System.load(JnaLibrary.getInstance(NAME).file.path) }
    return isFound && succeeds { context?.let(NativeCalls::initialize) }
  }

  private inline fun succeeds(action: () -> Unit): Boolean = try {
    action()
    true
  } catch (_: UnsatisfiedLinkError) {
    false
  }
}
