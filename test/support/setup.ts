import { afterAll, afterEach } from 'vitest';
import { lookUpOnly } from '../../local/process/name-lookups.ts';
import { assertNoCanary } from './canary.ts';
import { capturePrintedOutput } from './printed-output.ts';

// Whatever a test file prints is searched for fake secrets: after each test, and once more at the end,
// for what is printed while the file is loaded, between tests or by the hooks of suites.
const output = capturePrintedOutput();

// No test reaches outside of this machine, whatever it declares.
const OFFLINE = Symbol.for('evertoken: looks up no names');
if (!(OFFLINE in globalThis)) lookUpOnly([], () => undefined);
Object.assign(globalThis, { [OFFLINE]: true });

// Files share a process: where AWS is said to be stays within the file that says it.
const environment = { ...process.env };
afterAll(() => {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
});

afterEach(() => assertNoCanary(output.take(), 'the output of the test'));
afterAll(() => {
  output.end();
  assertNoCanary(output.take(), 'the output of the test file');
});
