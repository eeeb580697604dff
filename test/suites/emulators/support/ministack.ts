import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { ROOT } from '../../../support/source-files.ts';
import { REGION } from './aws-host.ts';
import { startEmulator } from './emulator-process.ts';
import { adaptTemplates } from './ministack-templates.ts';

const run = promisify(execFile);

/** Of every caller whose access key is no account. */
const ACCOUNT = '000000000000';
const CDK = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');

/** Ministack, with the tools that people use on an account. */
export interface Ministack extends AsyncDisposable {
  readonly url: string;
  /** Runs the AWS CLI. @returns what it answered @throws Error with its message */
  aws(...parameters: readonly string[]): Promise<Record<string, unknown>>;
  /** Invokes a function as the AWS CLI does. @throws Error with what the function threw */
  invoke(functionName: string, event: object): Promise<unknown>;
  /** `cdk bootstrap`. @throws Error with what it printed */
  bootstrap(): Promise<void>;
  /** From now on the app finds this context, and that of the repository this in its file of settings. */
  keep(
    settings: Readonly<Record<string, unknown>>,
    context?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** `cdk synth` and `cdk deploy --all`. @throws Error with what they printed */
  deploy(): Promise<Deployed>;
  /** `cdk synth` and `cdk diff`. @returns what that printed @throws Error with what they printed */
  diff(): Promise<string>;
  /** All that Ministack and the functions in it have printed. */
  printed(): string;
}

export interface Deployed {
  readonly printed: string;
  /** Types of resources that were synthesised and left out. */
  readonly leftOut: readonly string[];
}

export interface MinistackOptions {
  /** How CDK runs the app, from the root of the repository. Default: the app of the repository. */
  readonly app?: string;
  /** The `connections` of the file that the app of the repository reads. Default: none. */
  readonly connections?: Readonly<Record<string, unknown>>;
  /** Types of resources that Ministack refuses a template for: they are left out of the assembly. */
  readonly lacking: readonly string[];
}

export async function startMinistack(options: MinistackOptions): Promise<Ministack> {
  const { app, connections = {}, lacking } = options;
  const ministack = await startEmulator({
    file: `${inject('commands')}/ministack`,
    parameters: () => [],
    environment: (port, directory) => ({
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      // Servers of their own that would listen on every address.
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      STATE_DIR: `${directory}/state`,
      // For the functions.
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    }),
  });
  const { directory, url } = ministack;
  const settingsFile = `${directory}/deployment.json`;
  await writeFile(`${directory}/connections.json`, JSON.stringify({ connections }));
  await writeFile(settingsFile, '{}');
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: directory,
    TMPDIR: directory,
    CI: 'true',
    NO_COLOR: '1',
    AWS_ENDPOINT_URL: url,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const appFlags = app === undefined ? [] : ['--app', app];
  let flags: readonly string[] = [...appFlags, '--context', `settings=${settingsFile}`];

  async function aws(...parameters: readonly string[]): Promise<Record<string, unknown>> {
    // Version 1 of the AWS CLI asks for SQS elsewhere, whatever the environment says.
    const command = [...parameters, '--endpoint-url', url, '--output', 'json'];
    const { stdout } = await run(`${inject('commands')}/aws`, command, { env, cwd: directory });
    return stdout.trim() === '' ? {} : JSON.parse(stdout);
  }
  async function cdk(...parameters: readonly string[]): Promise<string> {
    const { stdout, stderr } = await run(process.execPath, [CDK, ...parameters], { env, cwd: ROOT });
    return stdout + stderr;
  }
  const assembly = `${directory}/assembly`;
  async function synthesise(): Promise<readonly string[]> {
    await cdk('synth', '--quiet', '--output', assembly, ...flags);
    return adaptTemplates(assembly, lacking);
  }
  let invocations = 0;
  return {
    url,
    aws,
    async invoke(functionName, event) {
      invocations += 1;
      const answer = `${directory}/answer-${invocations}.json`;
      const payload = ['--function-name', functionName, '--payload', JSON.stringify(event), answer];
      const { FunctionError } = await aws('lambda', 'invoke', ...payload);
      const result: unknown = JSON.parse(await readFile(answer, 'utf8'));
      if (FunctionError !== undefined) throw new Error(JSON.stringify(result));
      return result;
    },
    async bootstrap() {
      await cdk('bootstrap', `aws://${ACCOUNT}/${REGION}`, ...flags, '--output', assembly);
    },
    async keep(settings, context = {}) {
      await writeFile(settingsFile, JSON.stringify(settings));
      const said = Object.entries({ settings: settingsFile, ...context });
      flags = [...appFlags, ...said.flatMap(([key, value]) => ['--context', `${key}=${value}`])];
    },
    async diff() {
      await synthesise();
      return cdk('diff', '--app', assembly);
    },
    async deploy() {
      const leftOut = await synthesise();
      return {
        leftOut,
        printed: await cdk('deploy', '--all', '--require-approval', 'never', '--app', assembly),
      };
    },
    printed: () => ministack.printed(),
    [Symbol.asyncDispose]: () => ministack[Symbol.asyncDispose](),
  };
}
