import type { ConnectionState, StateChange } from '../../functions/refresh/connection-state.ts';
import type { StoredRefreshToken, Version } from '../../functions/refresh/ports/stores.ts';
import { STEPS } from '../../functions/refresh/rules/timing.ts';
import type { CommandContext, CommandModule } from '../command-context.ts';
import { CommandFailed, WrongUsage } from '../command-failed.ts';
import { patiently } from '../connections/patiently.ts';
import { registeredConnection } from '../connections/registered-connections.ts';
import {
  planRevocation,
  type RevocationPlan,
  type Revoked,
  revokeTokens,
} from '../connections/revoke-tokens.ts';
import type { Deployment } from '../deployment.ts';
import { confirm, isInteractive } from '../prompts.ts';

/** Between the end of the lease and the pause, no tick may refresh what was just revoked. */
const OUT_OF_THE_WAY_MS = 3_600_000;

/** `evertoken revoke`: has the provider take the tokens back, and pauses the connection. */
export const revokeCommand: CommandModule = (program, run) => {
  program
    .command('revoke')
    .summary('have the provider take the tokens back')
    .description(
      "Revokes a connection's refresh token, then its access token, and pauses the connection. It takes the permission to read its secrets, which the operator's policy does not have.",
    )
    .argument('<connection>', 'name of the connection')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  evertoken revoke books/acme')
    .action(
      run(async (context, name: string, { yes = false }: { yes?: boolean }) => {
        const deployment = await context.deployment();
        const state = await registeredConnection(name, deployment);
        const plan = await planRevocation(state, deployment);
        await makeSure(name, yes, context);
        const revoked = await revokeUnderLease(name, plan, context, deployment);
        await patiently(
          name,
          context,
          async () => (await deployment.state.setPaused(name, true, deployment.clock.now())) || undefined,
        );
        context.show({
          text: revokedText(name, revoked),
          json: { connection: name, paused: true, ...revoked },
        });
        return undefined;
      }),
    );
};

async function makeSure(name: string, yes: boolean, { io }: CommandContext): Promise<void> {
  if (yes) return;
  if (!isInteractive(io)) throw new WrongUsage('There is no terminal to ask at: give --yes.');
  const sure = await confirm(io, `Revoke the tokens of "${name}"? Its consumers will fail.`);
  if (!sure) throw new CommandFailed('Nothing was changed.');
}

/** A paused connection needs no lease: nobody acts on it. */
async function revokeUnderLease(
  name: string,
  plan: RevocationPlan,
  context: CommandContext,
  deployment: Deployment,
): Promise<Revoked> {
  const { state: table, clock, random } = deployment;
  const owner = random.uuid();
  const attempt = random.uuid();
  const answer = await patiently(name, context, async () => {
    const now = clock.now();
    const leased = await table.lease(name, { owner, now, endsAt: now + STEPS.leaseMs, attempt, force: true });
    return leased.kind === 'busy' ? undefined : leased;
  });
  if (answer.kind === 'unknown') throw new CommandFailed(`There is no connection "${name}" any more.`);
  const { state } = answer;
  const release = async (change: StateChange) => {
    if (answer.kind !== 'acquired') return;
    const unused = state.attempt === attempt ? { attempt: null, attemptAt: null } : {};
    await table.commit(name, owner, { ...unused, ...change });
  };
  let refreshToken: Version<StoredRefreshToken> | undefined;
  let revoked: Revoked;
  try {
    refreshToken = await currentRefreshToken(state, deployment);
    revoked = await revokeTokens(state, plan, refreshToken?.value.refresh_token, deployment);
  } catch (error) {
    await release({});
    throw error;
  }
  await release({
    dueAt: clock.now() + OUT_OF_THE_WAY_MS,
    ...(refreshToken && {
      refusedRefreshTokenVersionId: refreshToken.versionId,
      lastErrorCode: 'revoked',
      lastErrorMessage: 'its refresh token was revoked with the evertoken command',
    }),
  });
  return revoked;
}

/** The version that the state names, or the current one. */
async function currentRefreshToken(
  { name, refreshTokenVersionId: versionId }: ConnectionState,
  { refreshTokens }: Deployment,
): Promise<Version<StoredRefreshToken> | undefined> {
  const named = versionId === undefined ? undefined : await refreshTokens.read(name, { versionId });
  return named ?? (await refreshTokens.read(name, {}));
}

function revokedText(name: string, { refreshToken, accessToken }: Revoked): string {
  const done = [
    ...(refreshToken === 'revoked' ? ['its refresh token'] : []),
    ...(accessToken === 'revoked' ? ['its access token'] : []),
  ];
  const kept =
    accessToken === 'kept'
      ? ' The provider takes back no access tokens: the last one lives until it expires.'
      : '';
  return `Revoked ${done.join(' and ')}, and paused "${name}".${kept}`;
}
