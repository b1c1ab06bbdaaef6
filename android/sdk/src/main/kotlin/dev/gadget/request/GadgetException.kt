package dev.gadget.request

/**
 * Why a call has no response. Its [message] is JavaScript's `errMsg`: `request:fail ` and [detail].
 *
 * It holds nothing of the request but names of fields: no host, path, query, header value, cookie
 * or body. It can be logged.
 *
 * @property errno the group's number, 102 to 307; [Errno] has them all
 * @property errString the group's words
 * @property detail what it was, in words of the closed list ([Errno.details])
 * @property trace the call's id, for support and logs (docs/contract.md#6-trace)
 */
public class GadgetException internal constructor(
  public val errno: Int,
  public val errString: String,
  public val detail: String,
  public val trace: String,
) : Exception("request:fail $detail")
