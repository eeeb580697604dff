import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { type DeploymentOptions, synthesise } from '../../support/synthesised.ts';

/** What cfn-lint says that does not hold here, with the reason. */
const IGNORED: Readonly<Record<string, string>> = {
  W3005: 'CDK names a role and its policy as dependencies together; the role alone is referred to as well',
};

const CONNECTION = { tokenUrl: 'https://idp.example.com/token', credentials: 'orders' };

const DEPLOYMENTS: readonly (readonly [string, DeploymentOptions])[] = [
  ['nothing declared', {}],
  ['connections', { connections: { orders: CONNECTION, 'books/acme': { ...CONNECTION, adopt: true } } }],
  ['rotation from the console', { connections: { orders: { ...CONNECTION, consoleRotate: true } } }],
  ['settings', { context: { alarmEmail: 'ops@example.com', encryption: 'aws-managed', namespace: 'crm' } }],
  ['another Region', { stackProps: { env: { region: 'eu-central-1', account: '111122223333' } } }],
];

/** Where resources and properties must exist. */
const REGIONS = ['us-east-1', 'eu-central-1'];

interface Finding {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Location: { readonly Path: readonly unknown[] };
}

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'evertoken-templates-'));
});
beforeEach((context) => {
  const missing = inject('missing');
  if (missing !== null) context.skip(missing);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

it.each(DEPLOYMENTS)('the templates are clean for cfn-lint: %s', async (_, deployment) => {
  const { templates } = synthesise(deployment);
  expect(templates.size).toBe(2);
  for (const template of templates.values()) expect(await lint(template)).toEqual([]);
});

it('cfn-lint finds a property that CloudFormation does not know', async () => {
  const template = synthesise().refresh;
  const [id = '', resource] = Object.entries(template.Resources)[0] ?? [];
  const wrong = { ...resource, Properties: { ...resource?.Properties, Unheard: 'of' } };
  expect(await lint({ ...template, Resources: { ...template.Resources, [id]: wrong } })).toEqual([
    expect.stringMatching(/^E.*Unheard/),
  ]);
});

/** @returns a line for each finding */
async function lint(template: object): Promise<string[]> {
  const file = join(directory, `${randomUUID()}.json`);
  await writeFile(file, JSON.stringify(template));
  const ignored = Object.keys(IGNORED).flatMap((id) => ['--ignore-checks', id]);
  const parameters = ['--format', 'json', ...ignored, '--regions', ...REGIONS, '--template', file];
  const printed = await new Promise<string>((resolve) => {
    execFile(`${inject('commands')}/cfn-lint`, parameters, (error, stdout, stderr) => {
      resolve(error !== null && stdout.trim() === '' ? stderr : stdout);
    });
  });
  const findings = JSON.parse(printed) as Finding[];
  return findings.map(({ Rule, Message, Location }) => `${Rule.Id} ${Location.Path.join('/')}: ${Message}`);
}
