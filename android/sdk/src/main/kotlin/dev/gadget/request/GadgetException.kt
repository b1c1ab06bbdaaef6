package dev.gadget.request

/**
 * Why a call has no response. Its [message] is JavaScript's `errMsg`: `request:fail ` and [detail].
 *
 * It holds nothing of the request but names of fields: no host, path, query, header value, cookie
 * or body. It can be logged (docs/contract.md#fail).
 *
 * @property errno the group of the error. Its number, which a mini program sees, is [Errno.code]
 * @property detail what happened, in words of the closed list ([Errno.details])
 * @property trace the trace of the call, for support and logs (docs/contract.md#6-trace)
 */
public class GadgetException internal constructor(
  public val errno: Errno,
  public val detail: String,
  public val trace: String,
) : Exception("request:fail $detail") {
  /** The words of the group, as a mini program sees them: [Errno.errString]. */
  public val errString: String
    get() = errno.errString
}
