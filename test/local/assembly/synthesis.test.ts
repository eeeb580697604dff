import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { synthesiseOnce } from '../../../local/assembly/synthesis.ts';

/** In the place of the CDK app: writes what it was asked for, and refuses one connection. */
const APP = `
  import { readFileSync, writeFileSync } from 'node:fs';
  const context = JSON.parse(process.env.CDK_CONTEXT_JSON);
  const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
  const settings = read(context.settings);
  const file = context.settings.replace('deployment.json', 'connections.json');
  const { connections } = read(file);
  if (connections.bad) {
    console.error(file + ': connections.bad: cannot be');
    process.exit(1);
  }
  writeFileSync(process.env.CDK_OUTDIR + '/manifest.json', JSON.stringify({ context, settings, connections }));
`;

let root: string;
let started: number;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'evertoken-synthesis-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  started = 0;
  await mkdir(join(root, 'infra'));
  await mkdir(join(root, 'functions/deep'), { recursive: true });
  await writeFile(join(root, 'infra/app.ts'), APP);
  await writeFile(join(root, 'functions/deep/a.ts'), 'a');
  await writeFile(join(root, 'cdk.json'), '{"context": {"flag": true}}');
  await writeFile(join(root, 'package.json'), '{"type": "module"}');
  await writeFile(join(root, 'package-lock.json'), '{}');
});

const synthesise = (connections: object = { crm: {} }, namespace = 'evertoken') =>
  synthesiseOnce({
    root,
    namespace,
    connections: connections as Record<string, unknown>,
    onStart: () => {
      started += 1;
    },
  });

it('says what the app says of connections that cannot be, and keeps nothing', async () => {
  await expect(synthesise({ bad: {} })).rejects.toThrow(/^connections\.bad: cannot be$/);
  expect(await readdir(join(root, '.evertoken/assemblies'))).toEqual([]);
});

it('gives the app settings of its own, and its context as the CDK command does', async () => {
  const folder = await synthesise({ crm: { provider: 'kajabi' } });
  expect(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))).toEqual({
    context: { flag: true, settings: expect.any(String) },
    settings: { namespace: 'evertoken', alarmEmail: null },
    connections: { crm: { provider: 'kajabi' } },
  });
});

it('synthesises the same once', async () => {
  expect(await synthesise()).toBe(await synthesise());
  expect(started).toBe(1);
});

it.each<[string, () => Promise<unknown>]>([
  ['a source', () => writeFile(join(root, 'functions/deep/a.ts'), 'b')],
  ['the name of a source', () => cp(join(root, 'functions/deep/a.ts'), join(root, 'functions/deep/b.ts'))],
  ['the stacks', () => writeFile(join(root, 'infra/stack.ts'), '')],
  ['the context', () => writeFile(join(root, 'cdk.json'), '{"context": {}}')],
  ['a dependency', () => writeFile(join(root, 'package-lock.json'), '{"a": 1}')],
])('synthesises again when %s is another', async (_, change) => {
  const before = await synthesise();
  await change();
  expect(await synthesise()).not.toBe(before);
  expect(started).toBe(2);
});

it('synthesises again for other connections, or another namespace', async () => {
  const folders = [await synthesise(), await synthesise({ other: {} }), await synthesise({ crm: {} }, 'b')];
  expect(new Set(folders).size).toBe(3);
});

it('leaves one assembly when two begin at once', async () => {
  const [one, other] = await Promise.all([synthesise(), synthesise()]);
  expect(one).toBe(other);
  expect(await readdir(join(root, '.evertoken/assemblies'))).toHaveLength(1);
});
