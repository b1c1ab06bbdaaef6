package dev.gadget.request.internal

import dev.gadget.request.generated.Bridge
import dev.gadget.request.generated.Client
import dev.gadget.request.generated.Reply

/** A bridge of the engine. It converts values and lets no exception reach the engine. */
internal class NativePageBridge(private val bridge: Bridge) : PageBridge {
  override val script: String get() = bridge.script()

  override fun receive(
    message: PageMessage,
    origin: String,
    isMainFrame: Boolean,
    replied: (PageMessage) -> Unit,
  ) {
    val reply = NativeReply(replied)
    when (message) {
      is PageMessage.Text ->
        bridge.receiveText(jsonInUtf8(message.text), origin, isMainFrame, reply)

      is PageMessage.Bytes -> bridge.receiveBytes(message.bytes, origin, isMainFrame, reply)
    }
  }

  override fun close() = bridge.shutdown()
}

/**
 * Makes a bridge.
 *
 * @throws IllegalArgumentException a setting is invalid; the message names its field
 */
internal fun pageBridge(client: Client, settingsJson: String): PageBridge =
  refusingInvalid { NativePageBridge(client.openBridge(jsonInUtf8(settingsJson))) }

private class NativeReply(private val replied: (PageMessage) -> Unit) : Reply {
  override fun text(text: String) = reportingThrown { replied(PageMessage.Text(text)) }

  override fun bytes(bytes: ByteArray) = reportingThrown { replied(PageMessage.Bytes(bytes)) }

  override fun nothing() = Unit
}
