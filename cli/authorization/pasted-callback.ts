import type { Secret } from '../../functions/oauth/secret.ts';
import { CommandFailed } from '../command-failed.ts';

/**
 * The parameters of the address that a person copied from the browser, which must be the redirect URI's.
 * @throws CommandFailed
 */
export function pastedCallback(pasted: Secret, redirectUri: string): URLSearchParams {
  const text = pasted.reveal().trim();
  const url = URL.parse(text);
  const expected = new URL(redirectUri);
  if (url === null || url.origin !== expected.origin || url.pathname !== expected.pathname) {
    throw new CommandFailed(
      `This is not an address that begins with ${redirectUri}: copy the whole address of the page on which the ` +
        'sign-in ended. Nothing was stored.',
    );
  }
  return url.searchParams;
}

/** Why an address cannot be a redirect URI; `undefined` when it can. RFC 6749 section 3.1.2. */
export function redirectUriProblem(value: string): string | undefined {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'It is no http or https address.';
  return value.includes('#') ? 'It must not have a fragment ("#…").' : undefined;
}
