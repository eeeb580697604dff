import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeploymentSettings } from '../../../functions/connections/deployment-settings.ts';
import { lastSettings, noteNamespace } from '../../../infra/settings/last-assembly.ts';
import type { Settings } from '../../../infra/settings/read-settings.ts';
import { refuseSilentChange } from '../../../infra/settings/refuse-silent-change.ts';
import { problemOf } from '../../support/synth-problem.ts';
import { synthesise } from '../../support/synthesised.ts';

const MAILED = {
  alarmEmail: 'on-call@example.com',
  allowedTokenOrigins: ['https://idp.internal:8443', 'https://idp2.internal'],
  secretWritesPerSecond: 48,
  parameterWritesPerSecond: 10,
  statusWidget: 'read-only',
  tokenRefreshedEvents: false,
  logRetentionDays: 90,
} satisfies DeploymentSettings;

const EXISTING = {
  keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000',
  alarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call',
  statusWidget: 'none',
  network: {
    vpcId: 'vpc-0a1b2c3d',
    subnetIds: ['subnet-0a1b2c3d', 'subnet-0a1b2c3e'],
    securityGroupIds: ['sg-0a1b2c3d'],
  },
  permissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/boundary',
} satisfies DeploymentSettings;

/** Folders of assemblies: made with every setting, by a topic in place of an address, with none, and by AWS's keys. */
const outdir: Record<'mailed' | 'existing' | 'plain' | 'aws', string> = {
  mailed: '',
  existing: '',
  plain: '',
  aws: '',
};

beforeAll(() => {
  outdir.mailed = synthesise({ settings: MAILED }).app.outdir;
  outdir.existing = synthesise({ settings: EXISTING }).app.outdir;
  outdir.plain = synthesise().app.outdir;
  outdir.aws = synthesise({ settings: { encryption: 'aws-managed' } }).app.outdir;
});

const settings = (said: Settings['said'], more: Partial<Settings> = {}): Settings => ({
  said,
  file: 'deployment.json',
  namespace: said.namespace ?? 'evertoken',
  connections: 'connections.json',
  byContext: [],
  mayChange: [],
  onlyByContext: [],
  ...more,
});
const refused = (folder: string, ...of: Parameters<typeof settings>) =>
  problemOf(() => refuseSilentChange(folder, settings(...of)));
const goesOn = (folder: string, ...of: Parameters<typeof settings>) =>
  expect(() => refuseSilentChange(folder, settings(...of))).not.toThrow();

describe('what the last templates say', () => {
  test('is all that was said', () => {
    expect(lastSettings(outdir.mailed, 'evertoken')).toEqual({ ...MAILED, encryption: 'customer-managed' });
    const { network, ...existing } = EXISTING;
    const { vpcId: _, ...places } = network;
    expect(lastSettings(outdir.existing, 'evertoken')).toMatchObject({
      ...existing,
      encryption: 'customer-managed',
      network: places,
    });
  });

  test('is nothing but the encryption where nothing was said', () => {
    expect(lastSettings(outdir.plain, 'evertoken')).toEqual({ encryption: 'customer-managed' });
    expect(lastSettings(outdir.aws, 'evertoken')).toEqual({ encryption: 'aws-managed' });
  });

  test('is no widget of theirs where a version knew of none', () => {
    const { app } = synthesise({ settings: { statusWidget: 'none' } });
    expect(lastSettings(app.outdir, 'evertoken')).toMatchObject({ statusWidget: 'none' });
    const file = join(app.outdir, 'evertoken-refresh.template.json');
    const older = readFileSync(file, 'utf8').replaceAll('EVERTOKEN_PARAMETER_WRITES_PER_SECOND', 'OTHER');
    writeFileSync(file, older);
    expect(lastSettings(app.outdir, 'evertoken')).not.toHaveProperty('statusWidget');
  });

  test('is not known of another namespace, nor where nothing was synthesised', () => {
    expect(lastSettings(outdir.plain, 'crm')).toBeUndefined();
    expect(lastSettings(join(tmpdir(), 'nowhere'), 'evertoken')).toBeUndefined();
  });
});

describe('an upgrade that says nothing of what was given on the command line', () => {
  test('stops, with all that it would take back as it is to be written down', () => {
    expect(refused(outdir.mailed, {})).toBe(
      `deployment.json: this would take back what evertoken had when it was synthesised here last:
  "alarmEmail": "on-call@example.com",
  "allowedTokenOrigins": ["https://idp.internal:8443","https://idp2.internal"],
  "secretWritesPerSecond": 48,
  "parameterWritesPerSecond": 10,
  "tokenRefreshedEvents": false,
  "logRetentionDays": 90,
  "statusWidget": "read-only"
To keep it, write that into deployment.json. To change it all the same, once: -c change=alarmEmail,allowedTokenOrigins,secretWritesPerSecond,parameterWritesPerSecond,tokenRefreshedEvents,logRetentionDays,statusWidget`,
    );
  });

  test('goes on when that is written down, or said to be meant', () => {
    goesOn(outdir.mailed, MAILED);
    goesOn(outdir.existing, EXISTING);
    goesOn(outdir.mailed, {}, { mayChange: Object.keys(MAILED) });
  });

  test('goes on where nothing had been given', () => {
    goesOn(outdir.plain, {});
    goesOn(join(tmpdir(), 'nowhere'), {});
  });

  test('names a network by what it leads to', () => {
    expect(refused(outdir.existing, { ...EXISTING, network: undefined })).toContain(
      '"network": {"vpcId":"…","subnetIds":["subnet-0a1b2c3d","subnet-0a1b2c3e"],"securityGroupIds":["sg-0a1b2c3d"]}',
    );
  });
});

describe('what is said otherwise now', () => {
  test('is no silence', () => {
    goesOn(outdir.mailed, {
      ...MAILED,
      alarmEmail: null,
      allowedTokenOrigins: [],
      secretWritesPerSecond: 20,
    });
    const { alarmEmail: _, ...others } = MAILED;
    goesOn(outdir.mailed, { ...others, alarmTopicArn: EXISTING.alarmTopicArn });
  });

  test('does not change a key unless that is allowed by name', () => {
    const changes: [string, DeploymentSettings][] = [
      [outdir.plain, { encryption: 'aws-managed' }],
      [outdir.aws, { encryption: 'customer-managed' }],
      [outdir.aws, {}],
    ];
    for (const [folder, said] of changes) {
      expect(refused(folder, said)).toMatch(
        /"encryption": "\S+-managed"\n.* Values that are stored stay under the key that they were written with\. To change it all the same, once: -c change=encryption$/,
      );
      goesOn(folder, said, { mayChange: ['encryption'] });
    }
    expect(refused(outdir.plain, { keyArn: EXISTING.keyArn })).toMatch(
      /"keyArn": nothing\n.*-c change=keyArn$/,
    );
    const other = EXISTING.keyArn.replace('0a1b', '1a1b');
    expect(refused(outdir.existing, { ...EXISTING, keyArn: other })).toContain(
      `"keyArn": "${EXISTING.keyArn}"`,
    );
  });
});

describe('another namespace', () => {
  const folders: string[] = [];
  const assemblyOf = (...namespaces: string[]) => {
    const folder = mkdtempSync(join(tmpdir(), 'evertoken-namespaces-'));
    folders.push(folder);
    for (const namespace of namespaces) {
      for (const stack of ['storage', 'refresh'])
        writeFileSync(join(folder, `${namespace}-${stack}.template.json`), '{"Resources": {}}');
    }
    return folder;
  };
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  test('than a file was synthesised for stops', () => {
    const folder = assemblyOf();
    noteNamespace(folder, 'deployment.json', 'crm');
    expect(refused(folder, {})).toBe(
      'deployment.json: was synthesised here for the namespace "crm", and would now make another deployment, "evertoken", that has none of its tokens. To keep it, write "namespace": "crm" into deployment.json; a further deployment has a file of its own: -c settings=FILE. To go on all the same: -c change=namespace',
    );
    goesOn(folder, {}, { mayChange: ['namespace'] });
    goesOn(folder, { namespace: 'crm' });
    // Two deployments by one file, told apart on the command line.
    goesOn(folder, { namespace: 'billing' }, { byContext: ['namespace'] });
    noteNamespace(folder, 'deployment.json', 'billing');
    goesOn(folder, { namespace: 'crm' });
  });

  test('than an earlier version was given on the command line stops', () => {
    expect(refused(assemblyOf('crm'), {})).toContain('for the namespace "crm"');
    goesOn(assemblyOf('crm', 'evertoken'), {});
  });

  test('of another file of settings does not', () => {
    const folder = assemblyOf('staging');
    noteNamespace(folder, 'staging.json', 'staging');
    goesOn(folder, {});
    noteNamespace(folder, 'deployment.json', 'evertoken');
    goesOn(folder, { namespace: 'staging' }, { file: 'staging.json' });
    expect(refused(folder, { namespace: 'evertoken' }, { file: 'staging.json' })).toContain(
      'for the namespace "staging"',
    );
  });

  test('is not guessed from what cannot be read', () => {
    const folder = assemblyOf();
    writeFileSync(join(folder, 'evertoken-settings.json'), '{"deploy');
    writeFileSync(join(folder, 'evertoken-storage.template.json'), '{');
    goesOn(folder, {});
  });
});
