import { afterAll, afterEach } from 'vitest';
import { assertNoCanary } from './canary.ts';
import { capturePrintedOutput } from './printed-output.ts';

// Whatever a test file prints is searched for fake secrets: after each test, and once more at the end,
// for what is printed while the file is loaded, between tests or by the hooks of suites.
const output = capturePrintedOutput();

afterEach(() => assertNoCanary(output.take(), 'the output of the test'));
afterAll(() => assertNoCanary(output.take(), 'the output of the test file'));
