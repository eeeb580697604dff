import { AUTHORIZATION_CODE, DEVICE_CODE } from '../oauth/grant-type.ts';

const SIGN_IN = 'use "refresh_token", and sign in once with "evertoken authorize"';

/** Grant types that need a person each time, and what to declare in their place. */
const NEEDS_A_PERSON: Readonly<Record<string, string>> = {
  [AUTHORIZATION_CODE]: SIGN_IN,
  [DEVICE_CODE]: SIGN_IN,
  device_code: SIGN_IN,
  implicit: SIGN_IN,
};

/** Why `grant` cannot be among the grant types of a connection; `undefined` when it can. */
export function grantProblem(grant: string): string | undefined {
  if (!/^[\x21-\x7e]{1,200}$/.test(grant)) return 'must be 1 to 200 visible ASCII characters';
  if (!Object.hasOwn(NEEDS_A_PERSON, grant)) return undefined;
  return `"${grant}" cannot be repeated without a person: ${NEEDS_A_PERSON[grant]}`;
}

/** Why the whole chain makes no sense, with the index of the grant type; `undefined` when it does. */
export function grantChainProblem(
  grants: readonly string[],
): { readonly index: number; readonly message: string } | undefined {
  const index = grants.findIndex((grant, at) => grants.indexOf(grant) !== at);
  return index < 0 ? undefined : { index, message: `"${grants[index]}" stands here a second time` };
}
