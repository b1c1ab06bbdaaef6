// Loads the package in both ways; the error of one is an error of the other.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

import * as imported from '@gadget/request';

const load = typeof require === 'function' ? require : createRequire(import.meta.url);
const required = load('@gadget/request');
assert.deepEqual(Object.keys(imported).sort(), Object.keys(required).sort());
for (const [name, value] of Object.entries(imported)) assert.equal(required[name], value, name);
const refused = new imported.GadgetClient().send({});
await assert.rejects(refused, (error) => error instanceof required.GadgetError);
console.log('all is well');
