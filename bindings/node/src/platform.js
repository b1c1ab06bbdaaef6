// The platforms that have an engine. Each has a package of its own, `@gadget/request-PLATFORM`.

/** Named as Node names systems and processors, and the C library if a system has several. */
export const PLATFORMS = [
  'darwin-arm64',
  'darwin-x64',
  'linux-arm64-gnu',
  'linux-x64-gnu',
  'win32-x64',
];

/** The name that the platform of a process has or would have. */
export function platformOf({ platform, arch }) {
  return platform === 'linux' ? `${platform}-${arch}-gnu` : `${platform}-${arch}`;
}

/** The package with the engine for a platform. */
export const packageOf = (platform) => `@gadget/request-${platform}`;
