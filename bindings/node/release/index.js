// For `import` in Node: the same engine, and the same classes, as for `require`.
export { DETAILS, ERRNO, GadgetClient, GadgetError, createRequest } from './commonjs/index.js';
