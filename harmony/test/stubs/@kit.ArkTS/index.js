// OpenHarmony's `@kit.ArkTS` under Node.
const { randomUUID } = require('node:crypto');

exports.util = { generateRandomUUID: () => randomUUID() };
