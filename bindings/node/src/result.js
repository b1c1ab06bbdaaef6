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

/** What is before the trace in the JSON of a result, whose trace has 53 characters. */
const TRACE = '"trace":"';
const TRACE_LENGTH = 53;

/** The result object, with `data` in its place after `header`. A small result has no `trace`. */
export function resultOf(resultJson, data, trace) {
  let result;
  try {
    result = JSON.parse(resultJson);
  } catch {
    // The result is too large for this JavaScript engine.
    return failOf(102, 'internal error', trace ?? traceIn(resultJson));
  }
  if (data === undefined) return result;
  const { statusCode, header, ...rest } = result;
  return { statusCode, header, data, ...rest };
}

/** The trace in a result's JSON: what comes after it holds no text of the server. */
function traceIn(resultJson = '') {
  const begin = resultJson.lastIndexOf(TRACE) + TRACE.length;
  return resultJson.slice(begin, begin + TRACE_LENGTH);
}

export function failOf(errno, detail, trace) {
  return { errMsg: `request:fail ${detail}`, errno, errString: ERRNO.get(errno), trace };
}
