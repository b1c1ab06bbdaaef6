package dev.gadget.request.internal

import dev.gadget.request.EventListener
import dev.gadget.request.RequestTask
import dev.gadget.request.ResponseHead
import java.util.concurrent.Executor

/**
 * Hands the events of a call, and then its callback, to the executor of the client: one after the
 * other, whatever the executor does with several.
 */
internal class EventRelay(private val executor: Executor?, private val listener: EventListener) :
  CallEvents {
  private val waiting = ArrayDeque<() -> Unit>()
  private var isDelivering = false
  private var task: EngineTask? = null
  private var isResumeDue = false

  /** No event begins any more. */
  @Volatile
  private var isOver = false

  override fun headers(head: ResponseHead) = add {
    if (!isOver) listener.onHeadersReceived(head)
  }

  override fun chunk(bytes: ByteArray) = add {
    try {
      if (!isOver) listener.onChunkReceived(bytes)
    } finally {
      resume()
    }
  }

  /** The call has ended. */
  fun completed(isSuccess: Boolean, callback: () -> Unit) {
    if (!isSuccess) isOver = true
    add(callback)
  }

  /** The call was started; events may have come before. Returns the task for the host app. */
  fun started(task: EngineTask): RequestTask {
    val isResumeDue = synchronized(waiting) {
      this.task = task
      isResumeDue
    }
    if (isResumeDue) task.resume()
    return object : RequestTask by task {
      override fun abort() {
        isOver = true
        task.abort()
      }
    }
  }

  private fun resume() {
    val task = synchronized(waiting) {
      isResumeDue = task == null
      task
    }
    task?.resume()
  }

  private fun add(delivery: () -> Unit) {
    val isFirst = synchronized(waiting) {
      waiting += delivery
      !isDelivering.also { isDelivering = true }
    }
    if (isFirst) executor.deliver(::deliverNext)
  }

  /** Runs a delivery, whatever it throws, and hands over the next one. */
  private fun deliverNext() {
    try {
      synchronized(waiting) { waiting.removeFirst() }()
    } finally {
      val hasMore = synchronized(waiting) {
        isDelivering = waiting.isNotEmpty()
        isDelivering
      }
      if (hasMore) executor.deliver(::deliverNext)
    }
  }
}
