import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assertNoCanary, CANARY, canarySecret } from './support/canary.ts';
import { ROOT } from './support/source-files.ts';

const secret = canarySecret('x/y+z');

describe('a secret is found', () => {
  test.each([
    ['plain', secret],
    ['in JSON', JSON.stringify({ token: secret })],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
    ['in upper-case hexadecimal', Buffer.from(secret).toString('hex').toUpperCase()],
    ['form-encoded', new URLSearchParams({ client_secret: secret }).toString()],
    ['with every byte percent-encoded', Buffer.from(secret).toString('hex').replace(/../g, '%$&')],
    ['with some bytes percent-encoded', secret.replace('N', '%4e').replace('Y', '%59')],
  ])('%s', (_, text) => {
    expect(() => assertNoCanary(`before ${text} after`, 'the log')).toThrow(
      /^a secret was seen in the log, /,
    );
  });

  test.each(['', 'a', 'ab', 'abc', 'client:', 'another client:'])(
    'in base64 and base64url after %j',
    (before) => {
      for (const encoding of ['base64', 'base64url'] as const) {
        const text = Buffer.from(`${before}${secret}${before}`).toString(encoding);
        expect(() => assertNoCanary(`Authorization: Basic ${text}`, 'a request')).toThrow(/in base64/);
      }
    },
  );

  test('and the message shows where, not all of it', () => {
    const long = `${'x'.repeat(1000)}${CANARY}${'y'.repeat(1000)}`;
    expect(() => assertNoCanary(long, 'the log')).toThrow(/^.{100,200}$/s);
  });
});

test.each(['', 'canary', 'test/canary.test.ts', 'CANAR Y', 'Q0FO', 'fake-secret'])(
  '%j holds no secret',
  (text) => {
    expect(() => assertNoCanary(text, 'the log')).not.toThrow();
  },
);

describe('the setup of all tests', () => {
  const results = runLeaks();
  const leaks = results.filter(({ name }) => /leaks (by|after)/.test(name));

  test.each(leaks)('fails a test that $name', ({ status, message }) => {
    expect(status).toBe('failed');
    expect(message).toContain('a secret was seen in the output of the test');
  });

  test('looks at every way of leaking', () => {
    expect(leaks).toHaveLength(14);
  });

  test('fails the first test of a file that leaks while it is loaded', () => {
    expect(results.find(({ name }) => name.includes('blamed'))?.status).toBe('failed');
  });

  test('fails a file that leaks at its end', () => {
    expect(results.find(({ name }) => name.endsWith('end.leak.ts'))).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('a secret was seen in the output of the test file'),
    });
  });

  test('blames no test for the leak of another', () => {
    expect(results.find(({ name }) => name === 'is clean after a leak')?.status).toBe('passed');
    expect(results.find(({ name }) => name === 'is clean itself')?.status).toBe('passed');
  });
});

interface LeakResult {
  name: string;
  status: string;
  message: string;
}

/** Runs the leaking tests beside their configuration, in a process whose output nobody sees. */
function runLeaks(): LeakResult[] {
  const folder = mkdtempSync(join(tmpdir(), 'leaks-'));
  try {
    const outputFile = join(folder, 'results.json');
    const args = [
      'run',
      '--config',
      'test/support/leaks/vitest.config.ts',
      '--reporter=json',
      '--outputFile',
      outputFile,
    ];
    const { status } = spawnSync(process.execPath, [`${ROOT}node_modules/vitest/vitest.mjs`, ...args], {
      cwd: ROOT,
    });
    if (status !== 1) throw new Error(`the leaking tests ended with ${status}`);
    const report: Report = JSON.parse(readFileSync(outputFile, 'utf8'));
    return report.testResults.flatMap((file) => [
      { name: file.name, status: file.status, message: file.message },
      ...file.assertionResults.map(({ fullName, status, failureMessages }) => ({
        name: fullName,
        status,
        message: failureMessages.join('\n'),
      })),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Report {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}
