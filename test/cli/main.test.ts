import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canarySecret } from '../support/canary.ts';
import { ROOT } from '../support/source-files.ts';
import { type CliDeployment, startCliDeployment } from './support/cli-deployment.ts';

let deployment: CliDeployment;

beforeAll(async () => {
  deployment = await startCliDeployment();
});

afterAll(() => deployment[Symbol.asyncDispose]());

function start(...args: string[]) {
  const env = {
    PATH: process.env['PATH'],
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    AWS_ENDPOINT_URL: deployment.system.endpoint.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'fake-access-key',
    AWS_SECRET_ACCESS_KEY: canarySecret('aws-secret-access-key'),
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  return spawn(process.execPath, ['cli/main.ts', ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('the command as a process', () => {
  it('prints results, and ends by itself with its exit code', async () => {
    const command = start('status');
    const [stdout, stderr, [exitCode]] = await Promise.all([
      text(command.stdout),
      text(command.stderr),
      once(command, 'close'),
    ]);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toContain('3 connections: 3 healthy; none needs a human.');
  });

  it('exits with 2 for wrong usage', async () => {
    const command = start('status', '--nonsense');
    const [stderr, [exitCode]] = await Promise.all([text(command.stderr), once(command, 'close')]);
    expect(stderr).toBe("error: unknown option '--nonsense'\n");
    expect(exitCode).toBe(2);
  });

  it('ends on Ctrl-C', async () => {
    const command = start('status', '--watch');
    command.stdout.once('data', () => command.kill('SIGINT'));
    const [exitCode, signal] = await once(command, 'close');
    expect({ exitCode, signal }).toEqual({ exitCode: 0, signal: null });
  });
});
