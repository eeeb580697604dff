import { describe, expect, it } from 'vitest';
import { remedy } from '../../../../functions/refresh/rules/remedy.ts';
import type { Trouble } from '../../../../functions/refresh/rules/trouble.ts';
import { NOW } from '../state-of.ts';

describe('the remedy', () => {
  const SECRET = 'evertoken/credentials/client';
  const connection = { name: 'books/acme', credentials: SECRET, grants: ['refresh_token'], dueAt: NOW };
  const of = (failure: Partial<Trouble>, changes: Partial<typeof connection> = {}) =>
    remedy(
      { outcome: 'misconfigured', source: 'provider', code: 'invalid_client', message: 'words', ...failure },
      { ...connection, ...changes },
    );

  it('names the secret in which credentials are missing', () => {
    expect(of({ outcome: 'awaiting-credentials' })).toContain(SECRET);
  });

  it('names the command that signs in again', () => {
    expect(of({ outcome: 'needs-reauthorization' })).toContain('evertoken authorize books/acme');
  });

  it('asks for permissions where a store refuses, and for another declaration where that is wrong', () => {
    expect(of({ source: 'store' })).toMatch(/secrets.*key/);
    expect(of({ source: 'connection' })).toMatch(/declaration of "books\/acme"/);
  });

  it.each<[string, Partial<Trouble>, RegExp]>([
    [
      'is not there',
      { kind: 'store-missing', code: 'ResourceNotFoundException' },
      /deleted or is named wrong/,
    ],
    ['was written by another', { kind: 'store-conflict', code: 'ResourceExistsException' }, /CloudTrail/],
    ['is too large to be rescued', { code: 'refresh_token_too_large' }, /shorter refresh tokens/],
    ['cannot be read', { code: 'unreadable_state' }, /its item in the state table/],
  ])('speaks of no permission where something %s', (_, trouble, words) => {
    const remedied = of({ source: 'store', message: 'PutSecretValue a/secret: no', ...trouble });
    expect(remedied).toMatch(words);
    expect(remedied).not.toMatch(/^Allow/);
  });

  it('says who was not allowed, where a key or a policy refuses', () => {
    const denied = {
      source: 'store',
      kind: 'store-denied',
      message: `GetSecretValue ${SECRET}: no`,
    } as const;
    for (const code of ['KeyAccessDenied', 'ResourcePolicyDenies']) {
      expect(of({ ...denied, code })).toContain('the refresher');
    }
  });

  it('leaves it to the owner of the credentials whether they may go elsewhere', () => {
    const remedied = of({ kind: 'configuration', code: 'origin_not_allowed' });
    expect(remedied).toMatch(/"allowed_token_origins" in the secret "evertoken\/credentials\/client"/);
    expect(remedied).toMatch(/correct the URLs of "books\/acme".*Nothing was sent/);
  });

  it('speaks of no permission where what is stored is the trouble', () => {
    const message = `${SECRET}: the secret is a plain string; expected JSON`;
    const kind = 'store-malformed';
    const again = of({ source: 'store', kind, code: 'MalformedCredentials', message });
    expect(again).toContain('evertoken credentials set client');
    expect(of({ kind: 'configuration', code: 'missing_client_secret' })).toBe(again);
  });

  it('names what may be wrong at the provider, and for a password what else', () => {
    expect(of({})).toMatch(/client secret/);
    expect(of({})).toContain(SECRET);
    for (const kind of ['refused', 'unsure']) {
      expect(of({ kind }, { grants: ['refresh_token', 'password'] })).toMatch(/user name and password/);
      expect(of({ kind }, { grants: ['password'] })).toContain(SECRET);
      expect(of({ kind })).toMatch(/client secret/);
    }
    expect(of({ kind: 'client-refused' }, { grants: ['password'] })).toMatch(/client secret/);
  });

  it('thinks of the way to the provider too where only a status came back', () => {
    for (const grants of [['refresh_token'], ['password']]) {
      expect(of({ code: 'http_403' }, { grants })).toMatch(/token URL/);
      expect(of({ code: 'http_403' }, { grants })).toContain(SECRET);
    }
    expect(of({ code: 'no_http_here' })).not.toMatch(/token URL/);
  });
});

describe('the remedy for what is tried again by itself', () => {
  const connection = {
    name: 'crm',
    credentials: 'evertoken/credentials/client',
    grants: ['refresh_token'],
    dueAt: NOW,
  };
  const of = (trouble: Partial<Trouble>, { isOpen = false } = {}) =>
    remedy(
      { outcome: 'retry-later', source: 'provider', code: 'some_code', message: 'words', ...trouble },
      { ...connection, isOpen },
    );

  it.each<[string, Partial<Trouble>, RegExp]>([
    [
      'a host that no DNS knows',
      { kind: 'never-sent', code: 'name_lookup_failed' },
      /typing error.*host name.*DNS/,
    ],
    ['TLS that fails', { kind: 'never-sent', code: 'tls_failed' }, /certificate/],
    ['a refused connection', { kind: 'never-sent', code: 'connection_refused' }, /host and port.*VPC/],
    [
      'a connection that takes too long',
      { kind: 'never-sent', code: 'connect_timeout' },
      /way out of the functions/,
    ],
    [
      'an issuer without metadata',
      { kind: 'never-sent', code: 'metadata_unavailable' },
      /openid-configuration/,
    ],
    ['a request that was given up', { kind: 'never-sent', code: 'aborted' }, /log of the function/],
    ['KMS that cannot sign now', { kind: 'never-sent', code: 'signing_unavailable' }, /AWS Health/],
    ['STS that vouches for nobody now', { kind: 'never-sent', code: 'identity_unavailable' }, /AWS Health/],
    [
      'a web page in place of JSON',
      { kind: 'unanswered', code: 'html_answer' },
      /web page.*not to a token endpoint/,
    ],
    ['an empty answer', { kind: 'unanswered', code: 'empty_answer' }, /Compare the token URL.*"rules"/],
    ['a list in place of an object', { kind: 'unanswered', code: 'not_an_object_answer' }, /"rules"/],
    ['an answer of no known kind', { kind: 'unanswered', code: 'unreadable_answer' }, /"rules"/],
    ['an answer without its envelope', { kind: 'unanswered', code: 'missing_envelope' }, /"rules"/],
    ['an answer without a token', { kind: 'unanswered', code: 'missing_access_token' }, /"rules"/],
    ['another status than a success has', { kind: 'unanswered', code: 'unexpected_status' }, /"rules"/],
    ['an answer without end', { kind: 'unanswered', code: 'answer_too_large' }, /"rules"/],
    ['a time-out', { kind: 'unanswered', code: 'headers_timeout' }, /status page.*support/],
    ['an HTTP 5xx', { kind: 'unanswered', code: 'http_503' }, /status page/],
    ['a 5xx with a code of its own', { kind: 'unanswered', code: 'server_error' }, /status page/],
    ['an exchange that nobody settled', { kind: 'unanswered', code: 'open_attempt' }, /status page/],
    ['too many requests', { kind: 'throttled', code: 'http_429' }, /what else asks this provider/],
    ['a spent budget', { kind: 'budget', code: 'budget_spent' }, /what else asks.*2026-01-01T00:00:00Z/],
    ['a block page', { kind: 'unsure', code: 'http_403' }, /token URL.*block page/],
    ['a code that nobody knows', { kind: 'unsure', code: 'E_ODD' }, /Compare client id/],
    ['a token that has expired', { kind: 'unsure', code: 'expired_token' }, /keeps and does not renew/],
    [
      'a used-up version quota',
      { source: 'store', code: 'version_quota' },
      /what writes.*another version at 2026-01-01T00:00:00Z/,
    ],
    [
      'a version that cannot be seen',
      { source: 'store', code: 'refresh_token_not_visible' },
      /deleted versions/,
    ],
    ['a token that a probe refuses', { code: 'probe_failed' }, /API that the probe/],
    ['a lost lease', { source: 'store', code: 'lease_lost' }, /refresh-due/],
    ['too little time', { source: 'store', code: 'too_little_time' }, /timeout or memory/],
    ['a refresh token that was replaced', { source: 'store', code: 'refresh_token_replaced' }, /refresh-due/],
    [
      'AWS that throttles',
      { source: 'store', kind: 'store-transient', code: 'ThrottlingException' },
      /throttles/,
    ],
    [
      'a limit of AWS',
      { source: 'store', kind: 'store-limit', code: 'LimitExceededException' },
      /limit that the message/,
    ],
    [
      'an error of our own',
      { source: 'connection', kind: 'unexpected', code: 'unexpected_error' },
      /deploy the version/,
    ],
    [
      'what was changed since',
      { kind: 'client-refused', code: 'invalid_client' },
      /next try at 2026.*was changed/,
    ],
    ['a state of an older version', { code: 'toString' }, /next try at 2026/],
  ])('names what to look at about %s', (_, trouble, words) => {
    expect(of(trouble)).toMatch(words);
    expect(of(trouble)).not.toMatch(/nothing/i);
  });

  it.each(['headers_timeout', 'open_attempt', 'html_answer', 'missing_access_token'])(
    'says when a refresh token is sent again that was left without an answer: %s',
    (code) => {
      const unanswered = { kind: 'unanswered', code } as const;
      expect(of(unanswered)).toMatch(/It is tried again by itself\.$/);
      expect(of(unanswered, { isOpen: true })).toMatch(/again at 2026-01-01T00:00:00Z;.*authorize crm\)\.$/);
    },
  );

  it('is the same for what is unsure, however often it was tried', () => {
    for (const code of ['http_403', 'expired_token', 'E_ODD']) {
      const unsure = { kind: 'unsure', code } as const;
      expect(of({ ...unsure, outcome: 'misconfigured' })).toBe(of(unsure));
    }
  });
});
