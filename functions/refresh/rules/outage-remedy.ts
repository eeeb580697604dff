import { IDENTITY_UNAVAILABLE, SIGNING_UNAVAILABLE } from '../../oauth/request/signer.ts';
import { instantText } from '../../text/times.ts';
import type { Remedied, Trouble } from './trouble.ts';

type Words = (remedied: Pick<Remedied, 'name' | 'dueAt' | 'isOpen'>) => string;

const URLS = '"tokenUrl", "issuer" and placeholders';

/** A refresh token that was left without an answer waits until that can no longer take effect. */
const again: Words = ({ name, dueAt, isOpen = false }) =>
  isOpen
    ? `The same refresh token is sent again at ${instantText(dueAt)}; where a token is needed sooner, sign in again (evertoken authorize ${name}).`
    : 'It is tried again by itself.';

const correct = (name: string) => `correct ${URLS} of "${name}" and deploy`;

const unreached: Words = ({ name }) =>
  `Look whether host and port are right (if not, ${correct(name)}), at the provider's status page, at the way out of the functions (the NAT, security groups and proxy of a VPC), and whether the provider lets in known addresses alone.`;

const silent: Words = (of) =>
  `Look at the provider's status page, and ask its support why it does not answer the requests of "${of.name}". ${again(of)}`;

const strange: Words = (of) =>
  `Compare the token URL of "${of.name}" with the provider's documentation: it may belong to another interface. Where it is right, say in "rules" where the answer has its fields, or ask the provider what it answers with. ${again(of)}`;

const crowded: Words = ({ name, dueAt }) =>
  `Find what else asks this provider for tokens (other connections with the same credentials, another program, forced refreshes), give "${name}" credentials of its own, or have the provider raise the limit. It is tried again at ${instantText(dueAt)}.`;

const ofAws: Words = () =>
  "Look at the AWS Health Dashboard, at the throttles of the account's calls in this Region, and at the endpoints of the functions' VPC where they have one. It is tried again by itself.";

const interrupted: Words = () =>
  'Look at the log of the function refresh-due: what takes up its time, and whether its timeout or memory was changed. It is tried again by itself.';

/** What to look at where the trouble may end by itself and has not done so. By code. */
const BY_CODE: Readonly<Record<string, Words>> = {
  name_lookup_failed: ({ name }) =>
    `Look for a typing error in the host name that the message names, and ${correct(name)}. Where it is right, the name is gone from the DNS, or the functions cannot reach a resolver (the DNS settings of a VPC).`,
  tls_failed: ({ name }) =>
    `Look at the certificate of that host: it may have expired, be another host's, or be signed by an authority that is not public; its owner has to renew it. Where the host is the wrong one, ${correct(name)}.`,
  html_answer: (of) =>
    `Look at the token URL of "${of.name}": it leads to a web page, such as a sign-in page, that of a firewall or of maintenance, not to a token endpoint. Compare it with the provider's documentation, and ${correct(of.name)}; where it is right, have the provider let the functions through. ${again(of)}`,
  metadata_unavailable: ({ name }) =>
    `Look whether the issuer is right, by opening its metadata (…/.well-known/openid-configuration), and at the provider's status page. With "tokenUrl" in the declaration of "${name}" no metadata is needed.`,
  version_quota: ({ dueAt }) =>
    `Find what writes the secret so often and stop it: forced refreshes (events "Refresh Requested", the log of refresh-now), the console's "Rotate secret immediately", another program. Secrets Manager takes another version at ${instantText(dueAt)}, and it is refreshed then.`,
  expired_token: ({ name }) =>
    `Look at what the provider answers with: a token that it keeps and does not renew, or a clock that is wrong. Its support has to mend that; "${name}" is tried again by itself.`,
  probe_failed: ({ name }) =>
    `Look at the API that the probe of "${name}" asks, and whether it takes the tokens of this client: a new one that it refuses is not published by a rotation. The ticks go on without the probe.`,
  refresh_token_not_visible: ({ name }) =>
    `Look whether somebody deleted versions of the secret of its refresh token; where it is lost, sign in again (evertoken authorize ${name}).`,
  unexpected_error: ({ name }) =>
    `Look at the log of the function refresh-due for "${name}", and deploy the version that worked before, or a later one. It is tried again by itself.`,
  lease_lost: interrupted,
  too_little_time: interrupted,
  refresh_token_replaced: interrupted,
  aborted: interrupted,
  [SIGNING_UNAVAILABLE]: ofAws,
  [IDENTITY_UNAVAILABLE]: ofAws,
  ...Object.fromEntries(
    ['empty', 'not_an_object', 'unreadable'].map((what) => [`${what}_answer`, strange] as const),
  ),
  missing_envelope: strange,
  missing_access_token: strange,
  unexpected_status: strange,
  answer_too_large: strange,
};

/** The same by kind of evidence, where the code is the provider's own or one of many. */
const BY_KIND: Readonly<Record<string, Words>> = {
  throttled: crowded,
  budget: crowded,
  'never-sent': unreached,
  unanswered: silent,
  'store-transient': ofAws,
  'store-limit': ({ dueAt }) =>
    `Look at the limit that the message names, and have AWS raise it or make room. It is tried again at ${instantText(dueAt)}.`,
};

/**
 * What to look at about a failure that is tried again by itself, once a person is needed for it; `undefined` for one
 * that only says that something was refused.
 */
export function outageRemedy({ code, kind }: Trouble, remedied: Remedied): string | undefined {
  return (own(BY_CODE, code) ?? own(BY_KIND, kind ?? ''))?.(remedied);
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
