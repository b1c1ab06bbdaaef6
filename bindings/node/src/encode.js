// Settings and options as JSON for the engine. Its twin is harmony/src/main/ets/encode.ets.
import { CLIENT_CERTIFICATE, COOKIE_POLICY, SETTINGS } from './settings.js';
import { bytesOf } from './values.js';

/** The settings as one JSON document. */
export function documentOf(config) {
  return JSON.stringify(fieldsOf(config, SETTINGS));
}

/** Settings under the engine's names. An unknown property keeps its name: the engine reports it. */
function fieldsOf(settings, names) {
  const fields = Object.entries(settings).map(([name, value]) => [
    names.get(name) ?? name,
    settingOf(name, value),
  ]);
  return Object.fromEntries(fields);
}

function settingOf(name, value) {
  if (name === 'cookiePolicy' && typeof value === 'object' && value !== null) {
    return fieldsOf(value, COOKIE_POLICY);
  }
  if (name === 'clientCertificates' && Array.isArray(value)) {
    return value.map((it) => certificateOf(it));
  }
  return finite(name, value);
}

/** An entry that is no object stays as it is: the engine reports it. */
function certificateOf(entry) {
  const isObject = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
  return isObject ? fieldsOf(entry, CLIENT_CERTIFICATE) : entry;
}

/**
 * NaN and Infinity as text, which the engine refuses. In JSON they would be null, and null can be
 * a valid value. For `JSON.stringify`.
 */
export function finite(_, value) {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/**
 * The options as JSON, and the bytes of `data`. Options that JSON cannot hold are empty text, which
 * the engine answers with a 104.
 */
export function encode(options) {
  try {
    const bytes = bytesOf(options?.data);
    const sent = bytes === undefined ? options : { ...options, data: undefined };
    return [JSON.stringify(sent) ?? 'null', bytes];
  } catch {
    return ['', undefined];
  }
}
