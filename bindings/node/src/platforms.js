// The platforms that have an engine. A packed @gadget/request has those that were packed before it.

/** Named as Node names systems and processors, and the C library if a system has several. */
export const PLATFORMS = [
  'darwin-arm64',
  'darwin-x64',
  'linux-arm64-gnu',
  'linux-x64-gnu',
  'win32-x64',
];
