import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../support/run-command.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fit-'));
  file = join(folder, 'connections.json');
  await declare({ crm: PLAIN });
});
afterEach(() => rm(folder, { recursive: true }));

const PLAIN = {
  tokenUrl: 'https://idp.example.com/token',
  credentials: 'c',
  grants: ['client_credentials'],
  defaultLifetimeSeconds: 3600,
};
const declare = (connections: object) => writeFile(file, JSON.stringify({ connections }));
const settings = (content: object) => writeFile(join(folder, 'deployment.json'), JSON.stringify(content));
const judged = (...args: string[]) => runCommand(['fit', file, ...args]);

describe('evertoken fit', () => {
  it('says how many connections like these a pace bears, without asking AWS', async () => {
    expect(await judged()).toEqual({
      exitCode: 0,
      stderr: '',
      stdout:
        '1 connection takes 0.00035 of 20 writes of secrets a second; tokens would be late beyond 51,300 like these, and beyond 10,260 when all are due at once.\n',
    });
    expect((await judged('--times', '9000')).stdout).toMatch(/^9,000 connections take 3\.2 of 20 writes/);
  });

  it('takes the pace of the settings beside the file, unless it is given another', async () => {
    await settings({ secretWritesPerSecond: 48 });
    expect((await judged()).stdout).toContain(
      'of 48 writes of secrets a second; tokens would be late beyond 123,120',
    );
    expect((await judged('--writes-per-second', '20')).stdout).toContain('late beyond 51,300');
    const other = join(folder, 'staging.json');
    await writeFile(other, JSON.stringify({ secretWritesPerSecond: 10 }));
    expect((await judged('--settings', other)).stdout).toContain('of 10 writes');
  });

  it('fails where tokens will be late, with the arithmetic and what to do', async () => {
    const { exitCode, stdout } = await judged('--times', '20000');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /^too many: Were all 20,000 connections due at once, as after an outage, .* beyond 10,260 connections like these\. Set secretWritesPerSecond higher/,
    );
    expect((await judged('--times', '60000')).stdout).toMatch(
      /^too many: 60,000 connections would need 23\.4 writes/,
    );
  });

  it('counts tokens of minutes against the pace of parameters', async () => {
    await declare({ crm: { ...PLAIN, defaultLifetimeSeconds: 300, readerCacheSeconds: 30 } });
    expect(await judged('--times', '405')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('No refresh writes a secret.'),
    });
    const { exitCode, stdout } = await judged('--times', '406');
    expect({ exitCode, stdout }).toEqual({
      exitCode: 1,
      stdout: expect.stringMatching(
        /too many: This deployment would need 3\.1 writes a second, and Parameter Store takes 3 /,
      ),
    });
  });

  it('judges each connection by itself', async () => {
    await declare({ crm: { ...PLAIN, marginSeconds: 60 } });
    const { exitCode, stdout } = await judged();
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^error: connections\.crm\.marginSeconds: .*set marginSeconds to 450/);
  });

  it('is JSON for programs', async () => {
    const { stdout } = await judged('--times', '20000', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      fits: false,
      connections: 20_000,
      secretWritesPerSecond: 20,
      secrets: { most: { steady: 51_300, atOnce: 10_260 } },
      problems: [expect.stringContaining('were all 20,000 connections due at once')],
    });
  });

  it.each([
    [['--times', '0'], /Expected a whole number from 1/],
    [['--writes-per-second', '51'], /Expected a whole number from 1 to 50/],
    [['--settings', 'nowhere.json'], /nowhere\.json cannot be read \(ENOENT\)/],
  ])('refuses %j', async (args, message) => {
    const { exitCode, stderr } = await judged(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('names what is wrong in either file', async () => {
    await writeFile(join(folder, 'deployment.json'), '{"nmaespace": "a"}');
    expect((await judged()).stderr).toMatch(
      /deployment\.json:1:\d+ nmaespace: is no known key; did you mean "namespace"/,
    );
    await writeFile(file, '{"connections": {"crm": {}}}');
    expect((await judged()).stderr).toMatch(/connections\.json:1:\d+ connections\.crm/);
  });
});
