package dev.gadget.request

/**
 * The result object of a call, for a JavaScript engine: the argument of `success` or `fail`, and of
 * `complete` (docs/contract.md#4-result).
 *
 * @property json the object as JSON text. It has a JSON body exactly as the server wrote it, so
 *   64-bit integers survive up to here
 * @property arrayBuffer with `responseType: arraybuffer` the bytes that become the object's `data`,
 *   which is not in [json] then; else null. An empty body is an empty array. The array belongs to
 *   whoever gets the result
 * @property isSuccess true for `success`, false for `fail`
 */
public class InvokeResult internal constructor(
  public val json: String,
  public val arrayBuffer: ByteArray?,
  public val isSuccess: Boolean,
)

/** Gets the result of a call of [GadgetClient.invoke]. */
public fun interface InvokeCallback {
  /**
   * The call has ended, in success or in failure. It is called once, on
   * [GadgetClient.Builder.callbackExecutor]; the rules of [RequestCallback] hold here too.
   */
  public fun onComplete(result: InvokeResult)
}
