// Helpers of calls and cookies for the host app's bytes and callbacks.
import { types } from 'node:util';

/** The bytes of an ArrayBuffer, or the part of one that a typed array or a DataView shows. */
export function bytesOf(data) {
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  return types.isAnyArrayBuffer(data) ? new Uint8Array(data) : undefined;
}

/** Calls a callback. If it throws, the process gets an uncaught exception and this continues. */
export function call(callback, result) {
  try {
    callback?.(result);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
