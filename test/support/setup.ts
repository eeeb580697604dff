import { afterEach, beforeEach } from 'vitest';
import { assertNoCanary } from './canary.ts';

// Whatever a test prints, by logger, console or stream, is searched for fake secrets.
let printed: string[] = [];
const streams = [process.stdout, process.stderr] as const;
const originals = streams.map((stream) => stream.write);

beforeEach(() => {
  printed = [];
  streams.forEach((stream, index) => {
    stream.write = ((chunk: string | Uint8Array, ...rest: []) => {
      printed.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      return originals[index]?.call(stream, chunk, ...rest) ?? true;
    }) as typeof stream.write;
  });
});

afterEach(() => {
  streams.forEach((stream, index) => {
    const original = originals[index];
    if (original) stream.write = original;
  });
  assertNoCanary(printed.join(''), 'the output of the test');
});
