import { afterAll, expect, test } from 'vitest';
import { canarySecret } from '../canary.ts';

afterAll(() => console.log(canarySecret('at-the-end')));

test('is clean itself', () => expect(true).toBe(true));
