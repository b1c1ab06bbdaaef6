package dev.gadget.request.internal

/** The bridge of an engine to the documents of a WebView. For any thread. */
internal interface PageBridge {
  /** The script for the start of each document. */
  val script: String

  /**
   * Takes a message of the script. [replied] gets the reply for the script, at most once: within
   * this function or later on a thread of the engine. It must not block.
   */
  fun receive(
    message: PageMessage,
    origin: String,
    isMainFrame: Boolean,
    replied: (PageMessage) -> Unit,
  )

  /** Ends all calls of the documents. They get no more replies. */
  fun close()
}

/** A message of the script, or a reply to it. */
internal sealed class PageMessage {
  class Text(val text: String) : PageMessage()

  class Bytes(val bytes: ByteArray) : PageMessage()
}
