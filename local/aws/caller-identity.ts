import { randomUUID } from 'node:crypto';

/** Whose account and Region the endpoint plays, and where it takes time and chance from. */
export interface Identity {
  readonly region: string;
  readonly accountId: string;
  readonly clock: { now(): number };
  readonly random: { fraction(): number; uuid(): string };
}

export const systemRandom: Identity['random'] = { fraction: Math.random, uuid: randomUUID };

export function arn(identity: Identity, service: string, resource: string): string {
  return `arn:aws:${service}:${identity.region}:${identity.accountId}:${resource}`;
}

/** AWS JSON writes instants as epoch seconds with a fraction. */
export function epochSeconds(at: number): number {
  return at / 1000;
}
