import { credentialsName } from '../../functions/connections/connection-labels.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { type Finding, fine } from './finding.ts';

/** Connections that are named for one origin; of a fleet the rest are counted. */
const MOST_NAMES = 3;

/** Which credentials go where, as the refresher noted it when it sent them last, and whether anything binds them. */
export function checkCredentialOrigins(states: readonly ConnectionState[]): Finding[] {
  const byCredentials = Map.groupBy(
    states.filter(({ credentialsSentTo }) => credentialsSentTo !== undefined),
    ({ definition }) => credentialsName(definition),
  );
  return [...byCredentials].map(([credentials, users]) => {
    const byOrigin = Map.groupBy(users, ({ credentialsSentTo = '' }) => credentialsSentTo);
    const places = [...byOrigin].map(([origin, those]) => `${origin} (${namesText(those)})`).join(', ');
    const isBound = users.every(({ credentialsBound }) => credentialsBound === true);
    if (users.every(({ definition }) => definition.credentials === undefined)) {
      return fine(credentials, `tokens of the functions' own identity go to ${places}`);
    }
    const bond = isBound
      ? 'and their secret allows no other'
      : 'and their secret does not say where they may go';
    return fine(`credentials ${credentials}`, `go to ${places}, ${bond}`);
  });
}

function namesText(states: readonly ConnectionState[]): string {
  const names = states.slice(0, MOST_NAMES).map(({ name }) => name);
  const more = states.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
