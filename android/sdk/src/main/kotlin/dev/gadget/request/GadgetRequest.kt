package dev.gadget.request

import android.content.Context
import dev.gadget.request.internal.NativeLibrary

/** What concerns the whole process. */
public object GadgetRequest {
  /**
   * Gives the engine a [Context], which Android's certificate verifier needs. Until then every
   * https call fails with 304 `platform verifier not initialised`, unless
   * [ClientConfig.Builder.systemRoots] is false.
   *
   * The host app need not call this: a `ContentProvider` in the manifest of this library does,
   * before `Application.onCreate`. Call it in `Application.onCreate` if
   *
   * - the app removes that provider from its manifest, or
   * - clients are made in a process other than the app's main process: Android starts the provider
   *   in the main process only.
   *
   * It takes no time: it loads nothing, and keeps the application's context only. Calling it twice
   * is the same as calling it once. It may be called from any thread, before and after clients are
   * made.
   */
  @JvmStatic
  public fun initialize(context: Context) {
    NativeLibrary.initialize(context.applicationContext ?: context)
  }

  /**
   * Loads the engine's library on a thread of its own, and returns at once. Without it the first
   * [GadgetClient] loads the library, which reads some megabytes from the disk.
   */
  @JvmStatic
  public fun preload() {
    Thread({ NativeLibrary.isLoaded }, "gadget-request-preload").start()
  }
}
