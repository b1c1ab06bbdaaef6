export { GadgetClient, createRequest } from './client.js';
export { DETAILS, ERRNO } from './errors.js';
export { GadgetError } from './result.js';
