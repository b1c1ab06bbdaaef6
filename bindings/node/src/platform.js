// The names of platforms, and of the package that each has: `@gadget/request-PLATFORM`.

/** The name that the platform of a process has or would have. */
export function platformOf({ platform, arch }) {
  return platform === 'linux' ? `${platform}-${arch}-gnu` : `${platform}-${arch}`;
}

/** The package with the engine for a platform. */
export const packageOf = (platform) => `@gadget/request-${platform}`;
