import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokenParameters } from '../../../../functions/aws/parameters/token-parameters.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { TestAws } from '../../../support/aws.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';

let aws: TestAws;
beforeAll(async () => {
  aws = await TestAws.start();
});
afterAll(() => aws[Symbol.asyncDispose]());

function open() {
  const namespace = `ns-${randomUUID().slice(0, 8)}`;
  let turns = 0;
  const pace = {
    async turn() {
      turns += 1;
      return { takenAt: 0 };
    },
  };
  const parameters = createTokenParameters({ client: aws.clients.ssm, namespace, pace });
  return { parameters, name: `/${namespace}/tokens/crm`, turns: () => turns };
}

const token = (label: string) => new Secret(`{"access_token":"${canarySecret(label)}"}`);

describe('tokens in parameters', () => {
  it('are written under their name, each write in its turn, and read back', async () => {
    const { parameters, name, turns } = open();
    expect(await parameters.put('crm', token('one'))).toBe(name);
    expect(await parameters.put('crm', token('two'))).toBe(name);
    expect((await parameters.get('crm'))?.reveal()).toBe(token('two').reveal());
    expect(turns()).toBe(2);
  });

  it('are there or not', async () => {
    const { parameters } = open();
    expect(await parameters.get('crm')).toBeUndefined();
    await parameters.delete('crm');
    await parameters.put('crm', token('one'));
    await parameters.delete('crm');
    expect(await parameters.get('crm')).toBeUndefined();
  });

  it('are in no error', async () => {
    const { parameters } = open();
    const huge = new Secret(`{"access_token":"${canarySecret('x'.repeat(9000))}"}`);
    const error = await parameters.put('crm', huge).catch((each: Error) => each);
    assertNoCanary(JSON.stringify(error, Object.getOwnPropertyNames(error ?? {})), 'the error');
  });
});
