// The JavaScript face of scripts/golden.
import { serve } from './serving.js';
import { face } from './support.js';

await serve((config) => new face.GadgetClient(config));
