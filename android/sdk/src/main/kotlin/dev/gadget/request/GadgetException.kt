package dev.gadget.request

import java.io.IOException

/**
 * Why a call has no response. Its [message] is JavaScript's `errMsg`: `request:fail ` and [detail].
 *
 * If the network failed the call, [cause] says why in words for engineers, such as
 * `connect: connection refused (os error 111)`. They can change with each version.
 *
 * It holds nothing of the request but names of fields: no host, path, query, header value, cookie
 * or body. It can be logged (docs/contract.md#fail).
 *
 * @property errno the group of the error. Its number, which a mini program sees, is [Errno.code]
 * @property detail what happened, in words of the closed list ([Errno.details])
 * @property trace the trace of the call, for support and logs (docs/contract.md#6-trace)
 * @property timing the phases of the call that happened; null if it never got a place in flight
 */
public class GadgetException internal constructor(
  public val errno: Errno,
  public val detail: String,
  public val trace: String,
  cause: IOException?,
  public val timing: Timing? = null,
) : Exception("request:fail $detail") {
  init {
    // Without a cause, the host app may still set one.
    if (cause != null) initCause(cause)
  }

  /** The words of the group, as a mini program sees them: [Errno.errString]. */
  public val errString: String
    get() = errno.errString
}
