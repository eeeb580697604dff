export const LIFETIME_MS = 3_600_000;

/** A token as Evertoken publishes it. `expiresAt` in epoch milliseconds. */
export function tokenText(accessToken: string, expiresAt: number): string {
  return JSON.stringify({
    schema: 1,
    access_token: accessToken,
    token_type: 'Bearer',
    expires_at: Math.round(expiresAt / 1000),
    obtained_at: Math.round((expiresAt - LIFETIME_MS) / 1000),
  });
}
