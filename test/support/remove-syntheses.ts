import { afterAll } from 'vitest';
import { removeSyntheses } from './synthesised.ts';

// Where files of tests share their modules, only this runs for each.
afterAll(removeSyntheses);
