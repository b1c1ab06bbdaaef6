package dev.gadget.request

import android.app.Activity
import android.app.Application
import android.app.Application.ActivityLifecycleCallbacks
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import dev.gadget.request.internal.Observed
import dev.gadget.request.internal.warn
import dev.gadget.request.internal.workerThread

/**
 * Tells clients whether the host app is in the foreground: [GadgetClient.enterBackground] and
 * [GadgetClient.enterForeground]. It needs nothing of androidx.
 *
 * ```
 * val foreground = ForegroundObserver.register(application) // one for the process
 * foreground.add(client) // each client
 * ```
 *
 * The app is in the background 700 ms after its last activity has stopped. These are for a change
 * of configuration, such as a rotation, in which no activity is visible for a moment. Then cookies
 * are saved too, on a thread of their own ([CookieJar.save]). Until the first activity has stopped,
 * the app counts as in the foreground, also if the system has started it for a service.
 *
 * Clients are not kept alive, and a closed one need not be removed. All functions may be called
 * from any thread, also within a callback, and none blocks.
 */
public class ForegroundObserver private constructor(private val application: Application) :
  AutoCloseable {
  private val clients = Observed { if (it) enterForeground() else enterBackground() }
  private val saving = workerThread("save")
  private val mainThread = Handler(Looper.getMainLooper())
  private val callbacks = Callbacks()

  /** Tells [client] where the app is, now and at each change. */
  public fun add(client: GadgetClient) {
    clients.add(client)
  }

  /** Tells [client] nothing more. It is taken to be in the foreground. */
  public fun remove(client: GadgetClient) {
    clients.remove(client)
  }

  /**
   * Ends the observation. All its clients are taken to be in the foreground. Calling it twice is
   * the same as calling it once.
   */
  override fun close() {
    application.unregisterActivityLifecycleCallbacks(callbacks)
    mainThread.removeCallbacks(callbacks)
    clients.close()
  }

  private fun saveCookies() = clients.forEach { client ->
    saving.execute {
      try {
        client.cookies.save()
      } catch (thrown: Throwable) {
        warn("cookies were not saved when the app went to the background", thrown)
      }
    }
  }

  /** On the main thread. As a Runnable it is what happens 700 ms after the last activity. */
  private inner class Callbacks :
    ActivityLifecycleCallbacks,
    Runnable {
    private val started = HashSet<Activity>()

    override fun onActivityStarted(activity: Activity) = visible(activity)

    /** One that was started before this was registered, too. */
    override fun onActivityResumed(activity: Activity) = visible(activity)

    override fun onActivityStopped(activity: Activity) {
      started -= activity
      if (started.isNotEmpty()) return
      mainThread.removeCallbacks(this)
      mainThread.postDelayed(this, CONFIGURATION_CHANGE_MS)
    }

    private fun visible(activity: Activity) {
      started += activity
      mainThread.removeCallbacks(this)
      clients.report(true)
    }

    override fun run() {
      clients.report(false)
      saveCookies()
    }

    override fun onActivityCreated(activity: Activity, savedInstanceState: Bundle?) = Unit

    override fun onActivityPaused(activity: Activity) = Unit

    override fun onActivitySaveInstanceState(activity: Activity, outState: Bundle) = Unit

    override fun onActivityDestroyed(activity: Activity) = Unit
  }

  /** Makes observers. */
  public companion object {
    /** The time that ProcessLifecycleOwner of androidx.lifecycle waits as well. */
    private const val CONFIGURATION_CHANGE_MS = 700L

    /**
     * Begins to observe the activities of [application]. Most host apps call it in
     * `Application.onCreate` and never close it.
     */
    @JvmStatic
    public fun register(application: Application): ForegroundObserver =
      ForegroundObserver(application)
        .apply { application.registerActivityLifecycleCallbacks(callbacks) }
  }
}
