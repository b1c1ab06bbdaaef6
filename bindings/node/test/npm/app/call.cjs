// Makes a call of CommonJS.
const { GadgetClient } = require('@gadget/request');

const client = new GadgetClient({ platform: 'pc' });
const complete = ({ statusCode, errMsg }) => console.log(statusCode, errMsg);
client.request({ url: process.argv[2], complete });
