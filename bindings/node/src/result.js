// The outcome of a call. Its twin is harmony/src/main/ets/result.ets.
import { ERRNO } from './errors.js';

export class GadgetError extends Error {
  static {
    const name = { value: 'GadgetError', configurable: true, writable: true };
    Object.defineProperty(this.prototype, 'name', name);
  }

  constructor({ errMsg, errno, errString, trace, profile }) {
    super(errMsg);
    this.errno = errno;
    this.errString = errString;
    this.trace = trace;
    if (profile !== undefined) this.profile = profile;
  }
}

/**
 * The result object, with `data` in its place after `header`. The trace is that of a large result.
 */
export function resultOf(resultJson, data, trace) {
  let result;
  try {
    result = JSON.parse(resultJson);
  } catch {
    // The result is too large for this JavaScript engine.
    return failOf(102, 'internal error', trace);
  }
  if (data === undefined) return result;
  const { statusCode, header, ...rest } = result;
  return { statusCode, header, data, ...rest };
}

export function failOf(errno, detail, trace) {
  return { errMsg: `request:fail ${detail}`, errno, errString: ERRNO.get(errno), trace };
}
