// What both calls and cookies need of what the host hands in.
import { types } from 'node:util';

/** The bytes of an ArrayBuffer, or of what a typed array or a DataView shows of one. */
export function bytesOf(data) {
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  return types.isAnyArrayBuffer(data) ? new Uint8Array(data) : undefined;
}

/** What a callback throws is the host's to handle, and stops nothing here. */
export function call(callback, result) {
  try {
    callback?.(result);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
