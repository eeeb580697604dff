import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsSettings } from '../../../cli/aws/aws-settings.ts';
import { knownProfiles } from '../../../cli/aws/known-profiles.ts';
import { runCommand } from '../support/run-command.ts';

let folder: string;
let files: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aws-'));
  files = {
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
  };
  await writeFile(
    join(folder, 'config'),
    '[default]\nregion = eu-north-1\n\n[profile corp]\nregion = eu-west-1\n[profile bare]\n[profile "with space"]\n[sso-session s]\n[services local]\n',
  );
  await writeFile(
    join(folder, 'credentials'),
    '[keys]\naws_access_key_id = fake\naws_secret_access_key = fake\n',
  );
});

afterAll(() => rm(folder, { recursive: true }));

describe('what the AWS CLI would use', () => {
  it.each([
    [
      { region: 'r1' },
      { AWS_REGION: 'r2', AWS_DEFAULT_REGION: 'r3' },
      { region: 'r1', regionFrom: '--region' },
    ],
    [{}, { AWS_REGION: 'r2', AWS_DEFAULT_REGION: 'r3' }, { region: 'r2', regionFrom: 'AWS_REGION' }],
    [{}, { AWS_REGION: '', AWS_DEFAULT_REGION: 'r3' }, { region: 'r3', regionFrom: 'AWS_DEFAULT_REGION' }],
    [{}, {}, {}],
    [{ profile: 'p1' }, { AWS_PROFILE: 'p2' }, { profile: 'p1', profileFrom: '--profile' }],
    [{}, { AWS_PROFILE: 'p2', AWS_DEFAULT_PROFILE: 'p3' }, { profile: 'p2', profileFrom: 'AWS_PROFILE' }],
    [{}, { AWS_DEFAULT_PROFILE: 'p3' }, { profile: 'p3', profileFrom: 'AWS_DEFAULT_PROFILE' }],
    [{}, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, { endpoint: 'http://127.0.0.1:1' }],
  ])('of %j and %j is %j', (options, env, settings) => {
    expect(awsSettings(options, env)).toEqual(settings);
  });

  it('are the keys of variables, before a profile of a variable and after one of an option', () => {
    const env = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'fake', AWS_SESSION_TOKEN: 'fake-session' };
    const credentials = { accessKeyId: 'id', secretAccessKey: 'fake', sessionToken: 'fake-session' };
    expect(awsSettings({}, { ...env, AWS_PROFILE: 'p' })).toMatchObject({ credentials, profile: 'p' });
    expect(awsSettings({ profile: 'p' }, env)).not.toHaveProperty('credentials');
  });
});

describe('the profiles', () => {
  it('of both files are known, and nothing else that has a section', async () => {
    expect(await knownProfiles(files)).toEqual(['default', 'corp', 'bare', 'with space', 'keys']);
  });

  it('are none where there are no files, and unknown where one cannot be read', async () => {
    expect(await knownProfiles({ HOME: join(folder, 'nobody') })).toEqual([]);
    expect(await knownProfiles({ ...files, AWS_CONFIG_FILE: folder })).toBeUndefined();
  });
});

describe('a command', () => {
  // Its Region is asked for first: what it says of it shows which one it found.
  const run = (args: readonly string[], awsEnv: Record<string, string | undefined>) =>
    runCommand(['status', ...args], { awsEnv: { ...files, AWS_REGION: undefined, ...awsEnv } });
  const where = async (args: readonly string[], awsEnv: Record<string, string | undefined>) =>
    (
      await run(args, {
        AWS_ENDPOINT_URL: undefined,
        AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9',
        ...awsEnv,
      })
    ).stderr;

  it.each([
    [['--profile', 'corpp'], {}, 'There is no AWS profile "corpp" (--profile); did you mean "corp"?'],
    [[], { AWS_PROFILE: 'zzzzzz' }, '"zzzzzz" (AWS_PROFILE); "aws configure list-profiles" lists them.'],
    [[], { AWS_PROFILE: 'bare' }, 'No AWS Region is set, and the profile "bare" has none: give --region'],
  ])('with %j and %j says what is wrong', async (args, awsEnv, words) => {
    const { stderr, exitCode } = await run(args, awsEnv);
    expect(stderr).toContain(words);
    expect(exitCode).toBe(2);
  });

  it.each([
    [[], { AWS_DEFAULT_REGION: 'ap-south-1' }, 'in ap-south-1 (AWS_DEFAULT_REGION)'],
    [[], { AWS_DEFAULT_REGION: 'ap-south-1', AWS_PROFILE: 'corp' }, 'in ap-south-1 (AWS_DEFAULT_REGION)'],
    [[], { AWS_PROFILE: 'corp' }, 'in eu-west-1 (the profile "corp")'],
    [['--region', 'sa-east-1'], { AWS_REGION: 'ap-south-1' }, 'in sa-east-1 (--region)'],
    [[], {}, 'in eu-north-1 (the profile "default")'],
  ])(
    'with %j and %j goes where the AWS CLI goes',
    async (args, awsEnv, words) => {
      expect(await where(args, awsEnv)).toContain(words);
    },
    60_000,
  );
});
