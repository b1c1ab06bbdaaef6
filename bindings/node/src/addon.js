// Loads the engine: the addon in the package of this platform.
import { createRequire } from 'node:module';

import { packageOf, platformOf } from './platform.js';
import { PLATFORMS } from './platforms.js';

// A bundle in the form of CommonJS has no import.meta.url.
const load = createRequire(import.meta.url ?? __filename);

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
    if (cause.code !== 'MODULE_NOT_FOUND') throw cause;
    throw new Error(
      `@gadget/request: the package ${name} with the engine is missing. npm installs it as an ` +
        'optional dependency: not with --omit=optional, not on another platform than this one, ' +
        'and not on Linux without glibc. A bundle needs it in node_modules beside it.',
      { cause },
    );
  }
}
