package dev.gadget.request

/**
 * What this library needs of the engine. The engine proper is [NativeEngine]; tests have others.
 */
internal interface Engine {
  /** Starts a call; [completed] gets its outcome, once, on another thread. */
  fun start(options: RequestOptions, completed: (Outcome) -> Unit): RequestTask

  /** Starts a call of a JavaScript engine, likewise. */
  fun invoke(optionsJson: String, body: ByteArray?, completed: (InvokeResult) -> Unit): RequestTask

  /** The device has a network, or has none. */
  fun setOnline(online: Boolean)

  /** The app went to the background. */
  fun enterBackground()

  /** The app is in the foreground again. */
  fun enterForeground()

  /** Calls that have a place. */
  val inFlight: Int

  /** Calls that wait for one. */
  val queued: Int

  /** The cookies of the client's app. */
  val cookies: CookieJar

  /** Ends all calls, those to come too. */
  fun close()
}

/** How a call ended. */
internal sealed class Outcome {
  class Success(val response: Response) : Outcome()

  /** Not yet an exception: its stack trace shall be that of whoever gets it. */
  class Fail(val errno: Int, val errString: String, val detail: String, val trace: String) :
    Outcome() {
    fun exception() = GadgetException(errno, errString, detail, trace)
  }
}
