import type { ConnectionState, StateChange } from '../../functions/refresh/connection-state.ts';
import { REVOKED } from '../../functions/refresh/rules/refusal.ts';
import { STEPS } from '../../functions/refresh/rules/timing.ts';
import { withWatch } from '../../functions/refresh/rules/watch.ts';
import type { CommandContext, CommandModule } from '../command-context.ts';
import { CommandFailed } from '../command-failed.ts';
import { patiently } from '../connections/patiently.ts';
import { registeredConnection } from '../connections/registered-connections.ts';
import {
  planRevocation,
  type RevocationPlan,
  type Revoked,
  revokeTokens,
} from '../connections/revoke-tokens.ts';
import { readTokens, type TokensAtHand } from '../connections/tokens-at-hand.ts';
import type { Deployment } from '../deployment.ts';
import { EXIT } from '../exit-code.ts';
import { explainError } from '../explain-error.ts';
import { makeSure } from '../prompts.ts';
import { isUnfinished, type Revocation, revocationText } from '../text/revocation-text.ts';

/** `evertoken revoke`: has the provider take the tokens back, and pauses the connection. */
export const revokeCommand: CommandModule = (program, run) => {
  program
    .command('revoke')
    .description(
      "Pauses a connection, then revokes its refresh token and its access token; it is safe to repeat. It takes the permission to read its secrets, which the operator's policy does not have.",
    )
    .argument('<connection>', 'name of the connection')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  evertoken revoke books/acme')
    .action(
      run(async (context, name: string, { yes = false }: { yes?: boolean }) => {
        const deployment = await context.deployment();
        const state = await registeredConnection(name, deployment);
        const plan = await planRevocation(state, deployment).catch((error: unknown) => {
          throw nothingRevoked(error, deployment);
        });
        await makeSure(context.io, `Revoke the tokens of "${name}"? Its consumers will fail.`, yes);
        const revocation = await revoke(name, plan, context, deployment);
        context.show({ text: revocationText(revocation), json: revocationJson(revocation) });
        return isUnfinished(revocation) ? EXIT.failed : undefined;
      }),
    );
};

/**
 * Under the lease: pauses, sends, notes what came of it. Wherever this is cut off once something was sent, the
 * connection is paused, and the command can be repeated.
 * @throws CommandFailed when nothing was revoked; the connection is as it was then
 */
async function revoke(
  name: string,
  plan: RevocationPlan,
  context: CommandContext,
  deployment: Deployment,
): Promise<Revocation> {
  const held = await hold(name, context, deployment).catch((error: unknown) => {
    throw nothingRevoked(error, deployment);
  });
  const wasPaused = held.state.paused === true;
  let tokens: TokensAtHand;
  let revoked: Revoked;
  let isPausing = false;
  try {
    if (context.io.signal.aborted) throw new CommandFailed('Interrupted; nothing was revoked.');
    tokens = await readTokens(held.state, deployment);
    isPausing = !wasPaused;
    if (isPausing) await setPaused(held, true, deployment);
    revoked = await revokeTokens(plan, tokens, deployment);
  } catch (error) {
    const failure = nothingRevoked(error, deployment);
    await letGo(held, isPausing, deployment).catch(() => {
      if (!isPausing) return;
      throw new CommandFailed(`${failure.message} It may stay paused: evertoken resume ${name} goes on.`);
    });
    throw failure;
  }
  const trouble = await note(held, revoked, deployment);
  return { name, wasPaused, accessTokenEndsAt: tokens.accessTokenEndsAt, ...revoked, trouble };
}

/** The lease of a connection, paused or not, and how the connection stood. */
interface Held {
  readonly owner: string;
  readonly endsAt: number;
  readonly state: ConnectionState;
  /** Closes the attempt that comes with the lease, and spends nothing here. */
  readonly unused: StateChange;
}

/** Waits for a refresh in flight. @throws CommandFailed when it does not end, StoreError */
async function hold(
  name: string,
  context: CommandContext,
  { state: table, clock, random }: Deployment,
): Promise<Held> {
  const [owner, attempt] = [random.uuid(), random.uuid()];
  return patiently(name, context, async () => {
    const now = clock.now();
    const endsAt = now + STEPS.leaseMs;
    const request = { owner, now, endsAt, attempt, force: true, evenPaused: true };
    const answer = await table.lease(name, request);
    if (answer.kind === 'unknown') throw new CommandFailed(`There is no connection "${name}" any more.`);
    if (answer.kind !== 'acquired') return undefined;
    if (answer.state.attempt !== attempt) return { owner, endsAt, state: answer.state, unused: {} };
    // What comes with our own lease is no exchange that was cut off.
    const { attempt: _, attemptAt: __, ...state } = answer.state;
    return { owner, endsAt, state, unused: { attempt: null, attemptAt: null } };
  });
}

/** As of the end of our own lease nobody holds the connection, unless we have lost it. */
async function setPaused(
  { state: { name }, endsAt }: Held,
  paused: boolean,
  { state: table }: Deployment,
): Promise<void> {
  if (await table.setPaused(name, paused, endsAt)) return;
  throw new CommandFailed(`"${name}" was taken over by another command: try again in a minute.`);
}

/** Leaves the connection as it was. @throws StoreError, CommandFailed */
async function letGo(held: Held, isPausing: boolean, deployment: Deployment): Promise<void> {
  const { owner, state, unused } = held;
  if (!isPausing) {
    await deployment.state.commit(state.name, owner, unused);
    return;
  }
  await setPaused(held, false, deployment);
  // To resume is to try again what was given up, and nobody has asked for that.
  const { dueAt, queuedAt, lastOutcome } = state;
  const { refusedRefreshTokenVersionId, refusedUnder, refusedAt, refusals } = state;
  const change: StateChange = {
    ...unused,
    dueAt,
    queuedAt: queuedAt ?? null,
    lastOutcome: lastOutcome ?? null,
    refusedRefreshTokenVersionId: refusedRefreshTokenVersionId ?? null,
    refusedUnder: refusedUnder ?? null,
    refusedAt: refusedAt ?? null,
    refusals: refusals ?? null,
  };
  await deployment.state.commit(state.name, owner, withWatch(state, change));
}

/** Notes what was taken back; why it could not, in a sentence. */
async function note(
  { owner, state: { name }, unused }: Held,
  { refreshToken, accessToken, deadVersionId }: Revoked,
  deployment: Deployment,
): Promise<string | undefined> {
  const now = deployment.clock.now();
  const isAnyDead = [refreshToken, accessToken].some(({ fate }) => fate === 'revoked' || fate === 'unknown');
  const change: StateChange = {
    ...unused,
    // What is published is dead: resumed, the connection is not to wait.
    ...(isAnyDead && { dueAt: now }),
    ...(deadVersionId !== undefined && {
      refusedRefreshTokenVersionId: deadVersionId,
      refusedUnder: REVOKED,
      refusedAt: now,
      refusals: null,
      lastErrorCode: REVOKED,
      lastErrorMessage: 'its refresh token was revoked with the evertoken command',
    }),
  };
  try {
    if ((await deployment.state.commit(name, owner, change)) || !isAnyDead) return undefined;
    return 'What was taken back could not be noted: another command took the connection over meanwhile.';
  } catch (error) {
    return `What was taken back could not be noted: ${explainError(error, deployment).message}`;
  }
}

/** The error in words that say that nothing was revoked. */
function nothingRevoked(error: unknown, deployment: Deployment): CommandFailed {
  const { message, exitCode } = explainError(error, deployment);
  const says = /nothing was (revoked|changed)/i.test(message);
  return new CommandFailed(says ? message : `${message.replace(/\.$/, '')}; nothing was revoked.`, exitCode);
}

function revocationJson(revocation: Revocation) {
  const { name, refreshToken, accessToken, accessTokenEndsAt, trouble } = revocation;
  return {
    connection: name,
    paused: true,
    refreshToken: refreshToken.fate,
    accessToken: accessToken.fate,
    accessTokenEndsAt: accessTokenEndsAt === undefined ? null : new Date(accessTokenEndsAt).toISOString(),
    problems: [refreshToken.reason, accessToken.reason, trouble].filter((each) => each !== undefined),
  };
}
