import { expect, test } from 'vitest';
import { canarySecret } from '../canary.ts';

console.log(canarySecret('while-loading'));

test('is blamed for what was printed before it', () => expect(true).toBe(true));
