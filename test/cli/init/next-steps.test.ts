import { expect, test } from 'vitest';
import { nextSteps } from '../../../cli/init/next-steps.ts';
import { loadPreset } from '../../../functions/providers/load-preset.ts';

const steps = async (hasApp: boolean) => {
  const preset = await loadPreset('slashid');
  if (!preset) throw new Error('there is no such preset');
  const connection = { provider: 'slashid', credentials: 'main' };
  const options = { namespace: 'evertoken', json: false } as Parameters<typeof nextSteps>[1];
  const added = { name: 'crm', connection, preset, file: 'connections.json', hasApp };
  return nextSteps(added, options, { npm_command: 'exec' });
};

test('where there is a CDK app, it is deployed', async () => {
  expect(await steps(true)).toBe(`Next:
  npx cdk deploy --all
  npx evertoken credentials set main
  npx evertoken status crm`);
});

test('in a folder with nothing but the package, that brings the app', async () => {
  expect(await steps(false)).toBe(`Next:
  npm install aws-cdk aws-cdk-lib constructs
  npx cdk deploy --all --app 'npx evertoken-app'
  npx evertoken credentials set main
  npx evertoken status crm`);
});
