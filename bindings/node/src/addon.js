// Loads the engine: the addon in the package of this platform.
import * as modules from 'node:module';

import { packageOf, platformOf } from './platform.js';
import { PLATFORMS } from './platforms.js';

// webpack would put a function of its own in the place of an imported `createRequire`.
const { createRequire } = modules;

/** Where this code is: a bundle of CommonJS knows it as __filename, a module as import.meta.url. */
function here() {
  try {
    return __filename;
  } catch {
    return import.meta.url;
  }
}

const load = createRequire(here());

/** @throws Error if there is no such package, or if the system does not load its addon. */
export function loadAddon() {
  const platform = platformOf(process);
  const name = packageOf(platform);
  if (!PLATFORMS.includes(platform)) {
    throw new Error(
      `@gadget/request has no engine for ${platform}. It has one for ${PLATFORMS.join(', ')}.`,
    );
  }
  try {
    return load(name);
  } catch (cause) {
    if (cause.code === 'ERR_DLOPEN_FAILED') {
      throw new Error(
        `@gadget/request: the system does not load the package ${name}: ${cause.message} (On ` +
          'Linux it needs glibc 2.17 or newer.)',
        { cause },
      );
    }
    if (cause.code !== 'MODULE_NOT_FOUND') throw cause;
    throw new Error(
      `@gadget/request: the package ${name} with the engine is missing. npm installs it as an ` +
        'optional dependency: not with --omit=optional, not on another platform than this one, ' +
        'and not on Linux without glibc. A bundle needs it in node_modules beside it.',
      { cause },
    );
  }
}
