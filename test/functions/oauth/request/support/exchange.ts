import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Credentials } from '../../../../../functions/oauth/credentials.ts';
import type { requestRulesSchema } from '../../../../../functions/oauth/endpoint-rules.ts';
import { JWT_BEARER } from '../../../../../functions/oauth/grant-type.ts';
import type { TokenRequestInput } from '../../../../../functions/oauth/request/token-request.ts';
import { canarySecret } from '../../../../support/canary.ts';
import { testCertificate } from '../../../../support/certificate.ts';
import { fakeSecret } from '../../../../support/token-input.ts';

export const NOW = Date.UTC(2026, 0, 1);
/** The same in seconds. */
export const AT = NOW / 1000;

export type Input = Partial<Omit<TokenRequestInput, 'request'>> & {
  request?: z.input<typeof requestRulesSchema>;
};
type Claims = Readonly<Record<string, unknown>>;

/** What is asked, and what is to go out: a form, unless said otherwise. `{assertion}` stands for the JWT. */
export interface Exchange {
  readonly name: string;
  readonly input: Input;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string | null;
  readonly jwt?: { readonly header: Claims; readonly claims: Claims };
}

export const FORM = 'application/x-www-form-urlencoded';
export const POST = { clientAuthentication: 'client_secret_post' } as const;
export const NONE = { clientAuthentication: 'none' } as const;
export const client: Credentials = { client_id: 'client-1', client_secret: fakeSecret('client-secret') };
export const SECRET = canarySecret('client-secret');
export const basic = (scheme = 'Basic') =>
  `${scheme} ${Buffer.from(`client-1:${canarySecret('client-secret')}`).toString('base64')}`;
export const enc = encodeURIComponent;
export const bearerForm = (...more: string[]) =>
  [`grant_type=${enc(JWT_BEARER)}`, 'assertion={assertion}', ...more].join('&');
export const onlyAssertion = { sendOnly: { [JWT_BEARER]: ['grant_type', 'assertion'] } };

export const { cert } = testCertificate('client.example');
export const certificateHash = createHash('sha256')
  .update(Buffer.from(cert.replace(/-----[^-]+-----|\s/g, ''), 'base64'))
  .digest('base64url');
