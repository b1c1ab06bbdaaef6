package dev.gadget.request.internal

import dev.gadget.request.CallEvent
import dev.gadget.request.CallObserver
import dev.gadget.request.CallStep
import dev.gadget.request.Errno
import dev.gadget.request.GadgetException
import dev.gadget.request.Header
import dev.gadget.request.Timing
import dev.gadget.request.generated.CallFailure
import java.io.IOException
import dev.gadget.request.generated.CallEvent as EventRecord
import dev.gadget.request.generated.CallObserver as EngineObserver
import dev.gadget.request.generated.CallStep as StepRecord
import dev.gadget.request.generated.Header as HeaderRecord

/** Passes what happens to calls on to the observer of the host app. */
internal class NativeCallObserver(private val observer: CallObserver) : EngineObserver {
  override fun onEvent(event: EventRecord) = reportingThrown { observer.onEvent(event(event)) }
}

private fun event(record: EventRecord) = CallEvent(
  trace = record.trace,
  at = record.at,
  step = step(record.step, record.trace),
  dropped = record.dropped.toLong(),
  json = record.json,
)

private fun step(record: StepRecord, trace: String): CallStep = when (record) {
  is StepRecord.Start -> CallStep.Start(record.method, record.url)

  is StepRecord.Queued -> CallStep.Queued(record.ahead.toInt())

  is StepRecord.Dispatched ->
    CallStep.Dispatched(record.inFlight.toInt(), record.queued.toInt())

  is StepRecord.Connection ->
    CallStep.Connection(record.reused, record.peerIp, record.port?.toInt(), record.protocol)

  is StepRecord.Request -> CallStep.Request(
    record.method,
    record.url,
    record.headers.map(::header),
    record.bytes.toLong(),
  )

  is StepRecord.Head -> CallStep.Head(record.status.toInt(), record.headers.map(::header))

  is StepRecord.Retry -> CallStep.Retry(record.reason, record.count.toInt())

  is StepRecord.Redirect -> CallStep.Redirect(record.status.toInt(), record.url)

  is StepRecord.End -> {
    val timing = record.timing?.let(::Timing)
    val error = record.failure?.let { exception(it, trace, timing) }
    CallStep.End(record.status?.toInt(), error, timing)
  }
}

private fun header(record: HeaderRecord) = Header(record.name, record.value)

private fun exception(failure: CallFailure, trace: String, timing: Timing?): GadgetException {
  // No other number can come: scripts/check compares Errno with the list of the engine.
  val errno = Errno.of(failure.errno.toInt()) ?: Errno.INTERNAL
  return GadgetException(errno, failure.detail, trace, failure.cause?.let(::IOException), timing)
}
