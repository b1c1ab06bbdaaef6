// The JavaScript face of scripts/golden.
import { serve } from './serving.js';
import { face } from './support.js';

await serve((config) => {
  const client = new face.GadgetClient(config);
  const start = client.request.bind(client);
  client.request = (options, listeners = {}) => {
    const task = start(options);
    for (const [event, listener] of Object.entries(listeners)) task[event](listener);
    return task;
  };
  return client;
});
