import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../functions/oauth/secret.ts';
import { AwsError } from '../../../local/aws/wire/error-answer.ts';
import { canarySecret } from '../../support/canary.ts';
import { NAME, type RevocationScenario, startRevocation } from '../support/revocation-endpoint.ts';

let scenario: RevocationScenario;

beforeEach(async () => {
  scenario = await startRevocation();
});

afterEach(() => scenario[Symbol.asyncDispose]());

describe('whatever refresh token may be alive is taken back', () => {
  it('such as what a refresh in flight brought, which has ended before anything is sent', async () => {
    const { state, refreshTokens } = scenario.deployment.system.functions.composition.ports;
    const now = scenario.deployment.clock.now();
    const attempt = crypto.randomUUID();
    const brought = canarySecret('brought-meanwhile');
    await state.lease(NAME, { owner: 'refresh', now, endsAt: now + 60_000, attempt, force: true });
    const sentMeanwhile: number[] = [];
    let ending: Promise<unknown> | undefined;
    const end = async () => {
      const token = { refresh_token: new Secret(brought), obtained_at: Math.floor(now / 1000) };
      await refreshTokens.put(NAME, token, attempt);
      sentMeanwhile.push(scenario.provider.requests.length);
      await state.commit(NAME, 'refresh', {
        attempt: null,
        attemptAt: null,
        refreshTokenVersionId: attempt,
        dueAt: now + 60_000,
      });
    };
    const onWrite = (text: string) => {
      if (text.includes('waiting for it to end')) ending ??= end();
    };
    expect(await scenario.revoke({ onWrite })).toMatchObject({ exitCode: 0 });
    await ending;
    expect(sentMeanwhile).toEqual([0]);
    expect(scenario.provider.requests[0]?.get('token')).toBe(brought);
    expect(await scenario.stand()).toEqual({ paused: true, isMarked: true });
  });

  it('and one that a person stored while the connection was paused', async () => {
    const before = await scenario.deployment.read(`evertoken/refresh-tokens/${NAME}`);
    const stored = canarySecret('stored-while-paused');
    await scenario.deployment.run(['pause', NAME]);
    await scenario.deployment.write(`evertoken/refresh-tokens/${NAME}`, { refresh_token: stored });
    expect(await scenario.revoke()).toMatchObject({ exitCode: 0 });
    const sent = scenario.provider.requests.map((form) => form.get('token'));
    expect(sent.slice(0, 2)).toEqual([stored, before['refresh_token']]);
    const { refreshTokens } = scenario.deployment.system.functions.composition.ports;
    const current = await refreshTokens.currentVersionId(NAME);
    expect((await scenario.deployment.state(NAME))?.refusedRefreshTokenVersionId).toBe(current);
  });

  it('and one that a refresh could only bring to safety', async () => {
    const { rescues, refreshTokens } = scenario.deployment.system.functions.composition.ports;
    const attempt = crypto.randomUUID();
    const rescued = canarySecret('rescued');
    const replaces = (await refreshTokens.currentVersionId(NAME)) ?? '';
    const token = { refresh_token: new Secret(rescued), obtained_at: 1 };
    await rescues.put(NAME, { token, attempt, replaces });
    expect(await scenario.revoke()).toMatchObject({ exitCode: 0 });
    expect(scenario.provider.hints()).toEqual(['refresh_token', 'refresh_token', 'access_token']);
    expect(scenario.provider.requests[0]?.get('token')).toBe(rescued);
    expect((await scenario.deployment.state(NAME))?.refusedRefreshTokenVersionId).toBe(attempt);
  });

  describe('but a rescue that the refresher alone can read', () => {
    /** Puts one there; reading it is refused, by its key or by IAM. */
    async function rescue(message: string): Promise<string> {
      const { rescues } = scenario.deployment.system.functions.composition.ports;
      const attempt = crypto.randomUUID();
      const token = { refresh_token: new Secret(canarySecret('sealed')), obtained_at: 1 };
      await rescues.put(NAME, { token, attempt });
      const refusal = { before: new AwsError('AccessDeniedException', message) };
      scenario.deployment.system.endpoint.inject = (_, operation, resource) =>
        operation === 'GetParameter' && resource === `/evertoken/rescue/${NAME}` ? refusal : undefined;
      return attempt;
    }
    const BY_KEY = 'Access to KMS is not allowed';
    const BY_IAM = 'User: me is not authorized to perform: ssm:GetParameter on resource: x';

    it('is named among what was not taken back', async () => {
      await rescue(BY_KEY);
      const { exitCode, lines } = await scenario.revoke();
      expect(exitCode).toBe(1);
      expect(lines).toContain(
        "Its refresh token was not taken back: a rescued one is left, which the refresher alone can read: take the grant back in the provider's own settings.",
      );
      expect(scenario.provider.hints()).toEqual(['refresh_token', 'access_token']);
    });

    it('is not asked about where the person may not read parameters at all', async () => {
      await rescue(BY_IAM);
      expect(await scenario.revoke()).toMatchObject({ exitCode: 0 });
    });

    it.each([BY_KEY, BY_IAM])('is waited for where it may be the one that counts: %s', async (message) => {
      const { state } = scenario.deployment.system.functions.composition.ports;
      const now = scenario.deployment.clock.now();
      const attempt = await rescue(message);
      await state.lease(NAME, { owner: 'refresh', now, endsAt: now + 60_000, attempt, force: true });
      await state.commit(NAME, 'refresh', { dueAt: now + 60_000 });
      const { exitCode, stderr } = await scenario.revoke();
      expect([exitCode, scenario.provider.requests]).toEqual([1, []]);
      expect(stderr).toContain(
        `"${NAME}" may have a rescued refresh token, which the refresher alone can read; nothing was revoked. Have it stored first: evertoken refresh ${NAME}`,
      );
      expect(await scenario.stand()).toEqual({ paused: false, isMarked: false });
    });
  });

  it('but only where the one that counts can be seen', async () => {
    const { state } = scenario.deployment.system.functions.composition.ports;
    const now = scenario.deployment.clock.now();
    const lease = { owner: 'refresh', now, endsAt: now + 60_000, attempt: crypto.randomUUID(), force: true };
    await state.lease(NAME, lease);
    const refreshTokenVersionId = crypto.randomUUID();
    await state.commit(NAME, 'refresh', {
      attempt: null,
      attemptAt: null,
      refreshTokenVersionId,
      obtainedAt: now,
    });
    const clock = { now: () => scenario.deployment.clock.now(), sleep: async () => undefined };
    const { exitCode, stderr } = await scenario.revoke({ clock });
    expect([exitCode, scenario.provider.requests]).toEqual([1, []]);
    expect(stderr).toMatch(
      /cannot be seen yet \(version .*\); nothing was revoked\. Try again in a minute\.\n$/,
    );
    expect(await scenario.stand()).toEqual({ paused: false, isMarked: false });
  });
});
