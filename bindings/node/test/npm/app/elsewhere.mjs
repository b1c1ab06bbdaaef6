// Loads the package on a system that has no engine.
Object.defineProperty(process, 'platform', { value: 'sunos' });
await import('@gadget/request');
