// Loads the engine: the addon in the package of this platform.
import * as modules from 'node:module';
import { isAbsolute } from 'node:path';

import { packageOf, platformOf } from './platform.js';
import { PLATFORMS } from './platforms.js';

// webpack would put a function of its own in the place of an imported `createRequire`.
const { createRequire } = modules;

/** The files beside which the package can be: this one, or the program. */
function places() {
  let here;
  try {
    here = __filename;
  } catch {
    // A module has none.
  }
  // Not all of them are files: `node -e` has a __filename, too. And what webpack writes as
  // import.meta.url is where this file was at build time.
  const isFile = (it) => it?.startsWith('file:') || (it && isAbsolute(it));
  return [here, import.meta.url, process.argv[1]].filter(isFile);
}

/** Why the package of a platform was not loaded. */
function failure(name, cause) {
  if (cause?.code === 'ERR_DLOPEN_FAILED') {
    const hint = process.platform === 'linux' ? ' (It needs glibc 2.17 or newer.)' : '';
    const message = `the system does not load the package ${name}: ${cause.message}${hint}`;
    return new Error(`@gadget/request: ${message}`, { cause });
  }
  if (cause && cause.code !== 'MODULE_NOT_FOUND') return cause;
  return new Error(
    `@gadget/request: the package ${name} with the engine is missing. npm installs it as an ` +
      'optional dependency: not with --omit=optional, not on another platform than this one, ' +
      'and not on Linux without glibc. A bundle needs it in node_modules beside it.',
    { cause },
  );
}

/** @throws Error if there is no such package, or if the system does not load its addon. */
export function loadAddon() {
  const platform = platformOf(process);
  const name = packageOf(platform);
  if (!PLATFORMS.includes(platform)) {
    throw new Error(
      `@gadget/request has no engine for ${platform}. It has one for ${PLATFORMS.join(', ')}.`,
    );
  }
  let cause;
  for (const place of places()) {
    try {
      return createRequire(place)(name);
    } catch (error) {
      cause = error;
      if (error.code !== 'MODULE_NOT_FOUND') break;
    }
  }
  throw failure(name, cause);
}
