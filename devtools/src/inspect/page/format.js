// Numbers and times in plain words.

const NARROW = '\u202f';
const pad = (number, digits) => String(number).padStart(digits, '0');

/** A number that came from outside, or undefined. */
export const number = (value) => (Number.isFinite(value) ? value : undefined);
/** A text that came from outside, or `other`. */
export const text = (value, other = '') => (typeof value === 'string' ? value : other);

/** The time of day, with milliseconds. */
export function clock(millis) {
  if (millis === undefined) return '';
  const date = new Date(millis);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((it) => pad(it, 2));
  return `${time.join(':')}.${pad(date.getMilliseconds(), 3)}`;
}

export function duration(millis) {
  if (millis === undefined) return '';
  if (millis < 10) return `${Number(millis.toFixed(2))}${NARROW}ms`;
  if (millis < 1000) return `${Math.round(millis)}${NARROW}ms`;
  if (millis < 60_000) return `${(millis / 1000).toFixed(2)}${NARROW}s`;
  return `${Math.floor(millis / 60_000)}${NARROW}min ${Math.floor(millis / 1000) % 60}${NARROW}s`;
}

export function size(bytes) {
  if (bytes === undefined) return '';
  if (bytes < 1000) return `${bytes}${NARROW}B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)}${NARROW}kB`;
  return `${(bytes / 1_000_000).toFixed(1)}${NARROW}MB`;
}

export const count = (amount, one, many = `${one}s`) =>
  `${amount.toLocaleString('en')} ${amount === 1 ? one : many}`;

/** JSON with a line for each member. */
export function pretty(value) {
  try {
    return JSON.stringify(value, null, 2) ?? '';
  } catch {
    return '(too deep to be shown)'; // thousands of levels
  }
}

/** The text of a body, on several lines if it is JSON. */
export function body(data) {
  if (typeof data !== 'string') return pretty(data);
  try {
    const value = JSON.parse(data);
    return typeof value === 'object' ? pretty(value) : data;
  } catch {
    return data;
  }
}
