package dev.gadget.request.internal

import dev.gadget.request.Data
import dev.gadget.request.Errno
import dev.gadget.request.RequestOptions
import dev.gadget.request.Response
import dev.gadget.request.ResponseType
import dev.gadget.request.Timing
import dev.gadget.request.generated.RequestRecord
import dev.gadget.request.generated.ResponseRecord
import dev.gadget.request.generated.Data as DataRecord
import dev.gadget.request.generated.Header as HeaderRecord
import dev.gadget.request.generated.Outcome as OutcomeRecord

internal fun outcome(record: OutcomeRecord): Outcome = when (record) {
  is OutcomeRecord.Success -> Outcome.Success(response(record.response))

  is OutcomeRecord.Fail -> {
    // No other number can come: scripts/check compares Errno with the list of the engine.
    val errno = Errno.of(record.errno.toInt()) ?: Errno.INTERNAL
    Outcome.Fail(errno, record.detail, record.trace, record.cause, record.timing)
  }
}

private fun response(record: ResponseRecord): Response = Response(
  status = record.status.toInt(),
  body = record.body,
  texts = textBytes(listOf(record.trace) + record.headers.flatMap { listOf(it.name, it.value) }),
  textPart = record.text?.let(::TextPart),
  jsonPart = record.json?.let(::TextPart),
  timingBytes = record.timing ?: Timing.NONE,
)

internal fun record(options: RequestOptions): RequestRecord = RequestRecord(
  url = options.url.bounded(),
  method = options.method.bounded(),
  headers = options.headers.map { HeaderRecord(it.name.bounded(), it.value.bounded()) },
  data = options.data?.let(::record),
  parseJson = options.parseJson,
  arrayBuffer = options.responseType == ResponseType.ARRAY_BUFFER,
  timeoutMs = options.timeoutMs?.toULong(),
  redirect = options.redirect.word,
  enableChunked = options.enableChunked,
)

private fun record(data: Data): DataRecord = when (data) {
  is Data.Text -> DataRecord.Text(data.text.bounded())
  is Data.Json -> DataRecord.Json(jsonInUtf8(data.json.bounded()))
  is Data.Bytes -> DataRecord.Bytes(data.bytes.bounded())
}

/** True if a record can carry the text of the options. JSON data always fits: [jsonInUtf8]. */
internal fun RequestOptions.isInUtf8(): Boolean = url.isInUtf8() &&
  method.isInUtf8() &&
  headers.all { it.name.isInUtf8() && it.value.isInUtf8() } &&
  (data as? Data.Text)?.text?.isInUtf8() != false

/** The options as JSON, which can escape a lone surrogate. The engine then refuses it. */
internal fun optionsJson(options: RequestOptions): String {
  val headers = JsonObject()
  options.headers.forEach { headers.text(it.name, it.value) }
  val data = options.data
  return JsonObject()
    .text("url", options.url)
    .text("method", options.method)
    .raw("header", headers)
    .text("data", (data as? Data.Text)?.text)
    .raw("data", (data as? Data.Json)?.json?.let(::jsonInUtf8))
    .toString()
    .bounded()
}
