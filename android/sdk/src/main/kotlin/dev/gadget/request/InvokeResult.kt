package dev.gadget.request

/**
 * The result object of a call, for a JavaScript engine: what `success` or `fail`, and then
 * `complete`, get (docs/contract.md#4-result).
 *
 * @property json the object as JSON text. A body that is JSON stands in it to the letter, so 64-bit
 *   integers survive as far as here
 * @property arrayBuffer with `responseType: arraybuffer` the bytes to become the object's `data`,
 *   which then is not in [json]; else null. Empty is not null. The array is the receiver's own
 * @property isSuccess whether it is for `success`, not for `fail`
 */
public class InvokeResult internal constructor(
  public val json: String,
  public val arrayBuffer: ByteArray?,
  public val isSuccess: Boolean,
)

/** Gets the result of a call of [GadgetClient.invoke]. */
public fun interface InvokeCallback {
  /**
   * The call came to this: success or fail. Once, on a thread of the engine; all that is said of
   * [RequestCallback] holds here too.
   */
  public fun onComplete(result: InvokeResult)
}
