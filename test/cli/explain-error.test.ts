import { describe, expect, it } from 'vitest';
import { CommandFailed, WrongUsage } from '../../cli/command-failed.ts';
import { explainError, type Where } from '../../cli/explain-error.ts';
import { TokenError } from '../../functions/oauth/token-error.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import { canarySecret } from '../support/canary.ts';
import { runCommand } from './support/run-command.ts';

const options = { namespace: 'evertoken', region: 'eu-west-1' };
const explain = (error: unknown) => explainError(error, options);

describe('an error is explained', () => {
  it.each([
    [
      'CredentialsProviderError',
      'denied',
      'No AWS credentials could be found. Name a profile with --profile',
    ],
    ['TimeoutError', 'transient', 'AWS cannot be reached in eu-west-1: check the network'],
    ['ExpiredTokenException', 'transient', 'Your AWS credentials have expired: sign in again'],
    ['UnrecognizedClientException', 'denied', 'AWS does not accept these credentials'],
    ['AccessDeniedException', 'denied', "You lack a permission of the operator's policy."],
    ['ThrottlingException', 'transient', 'AWS could not do it now; try again.'],
  ] as const)('%s', (code, kind, message) => {
    const explained = explain(new StoreError(kind, code, `PutSecretValue x: ${code}: words`));
    expect(explained.message).toContain(message);
    expect(explained.exitCode).toBe(1);
  });

  it.each([
    [
      'unusable',
      'SecretMarkedForDeletion',
      'aws secretsmanager restore-secret --secret-id evertoken/tokens/crm',
    ],
    ['unusable', 'KeyUnusable', 'enable it (aws kms enable-key)'],
    ['denied', 'KeyAccessDenied', 'Let you use the key that encrypts "evertoken/tokens/crm"'],
    ['denied', 'ResourcePolicyDenies', 'except you from the denial'],
  ] as const)('that is %s, %s, is no matter of the operator’s policy', (kind, code, remedy) => {
    const { message } = explain(new StoreError(kind, code, 'GetSecretValue evertoken/tokens/crm: X: words'));
    expect(message).toContain('GetSecretValue evertoken/tokens/crm: X: words. ');
    expect(message).toContain(remedy);
    expect(message).not.toContain('operator');
  });

  it('of credentials that cannot be read says how they are stored', () => {
    const words = 'evertoken/credentials/crm: the secret is a plain string';
    expect(explain(new StoreError('malformed', 'MalformedCredentials', words)).message).toBe(
      `${words}. Store the credentials in "evertoken/credentials/crm" again, as JSON with the fields that the message names: evertoken credentials set crm. The next tick picks them up.`,
    );
  });

  const credentials = (words: string, more: Partial<Where> = {}) =>
    explainError(
      new StoreError('denied', 'CredentialsProviderError', `Scan x: CredentialsProviderError: ${words}`),
      {
        ...options,
        ...more,
      },
    ).message;

  it.each([
    [
      'The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile.',
      'Your sign-in at AWS has ended, or there was none: aws sso login --profile corp.',
    ],
    [
      "Token is expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.",
      'Your sign-in at AWS has ended, or there was none: aws sso login --profile corp.',
    ],
    [
      'Failed to load a token for session arn:aws:iam::111122223333:user/me, please re-authenticate using aws login',
      'Your sign-in at AWS has ended, or there was none: aws login --profile corp.',
    ],
    [
      'Failed to load token from ~/.aws/login/cache/6eee.json: Error: ENOENT',
      'Your sign-in at AWS has ended, or there was none: aws login --profile corp.',
    ],
    [
      'Profile corp requires multi-factor authentication, but no MFA code callback was provided.',
      'The profile "corp" asks for a code of multi-factor authentication',
    ],
    [
      'Could not load credentials from any providers',
      'The AWS profile "corp" has no credentials that can be used: "aws sts get-caller-identity --profile corp" says more.',
    ],
  ])('"%s" of a profile has its own words', (said, words) => {
    expect(credentials(said, { profile: 'corp' })).toContain(words);
  });

  it('without a profile says how to name one, or to sign in', () => {
    expect(credentials('Could not load credentials from any providers')).toContain(
      'No AWS credentials could be found. Name a profile with --profile or AWS_PROFILE, set AWS_ACCESS_KEY_ID',
    );
    expect(credentials("run 'aws sso login' with the corresponding profile")).toContain(
      'there was none: aws sso login.',
    );
  });

  const unanswered = (code: string, more: Partial<Where> = {}) =>
    explainError(new StoreError('transient', 'Error', `Scan evertoken-state: Error (${code})`), {
      ...options,
      regionFrom: '--region',
      ...more,
    }).message;

  it.each([
    [
      'ENOTFOUND',
      'No endpoint of AWS is found by name for eu-west-1 (--region): check the Region, and the network.',
    ],
    [
      'ETIMEDOUT',
      'AWS cannot be reached in eu-west-1 (--region): check the network, and a proxy or VPN on the way.',
    ],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'AWS cannot be reached in eu-west-1 (--region)'],
  ])('%s tells a wrong Region from a network that is down', (code, words) => {
    expect(unanswered(code)).toContain(words);
    expect(unanswered(code, { endpoint: 'http://127.0.0.1:4566' })).toContain(
      'Nothing answers at http://127.0.0.1:4566, which AWS_ENDPOINT_URL names: start it (npm start)',
    );
  });

  it('of a function that takes too long is no matter of the network', () => {
    const late = new StoreError(
      'transient',
      'TimeoutError',
      'Invoke evertoken-refresh-now: TimeoutError: late',
    );
    expect(explain(late).message).toContain('AWS could not do it now');
  });

  it('of a deployment in another Region says what named this one', () => {
    const error = new StoreError('missing', 'ResourceNotFoundException', 'Scan evertoken-state: gone');
    expect(explainError(error, { ...options, regionFrom: 'the profile "corp"' }).message).toContain(
      'no deployment with the namespace "evertoken" in eu-west-1 (the profile "corp"): check --namespace, --region',
    );
  });

  it('of a deployment that is not there names namespace and Region', () => {
    const error = new StoreError('missing', 'ResourceNotFoundException', 'Scan evertoken-state: gone');
    expect(explain(error).message).toBe(
      'There is no deployment with the namespace "evertoken" in eu-west-1: check --namespace, --region and --profile, or deploy it with "npx cdk deploy --all".',
    );
  });

  it('of our own is said as it is, with its exit code', () => {
    expect(explain(new CommandFailed('No.'))).toEqual({ message: 'No.', exitCode: 1 });
    expect(explain(new WrongUsage('No.'))).toEqual({ message: 'No.', exitCode: 2 });
    expect(explain(new TokenError('unanswered', 'http_503', 'Not now.'))).toEqual({
      message: 'Not now.',
      exitCode: 1,
    });
  });

  it('of a prompt that was left says that nothing happened', () => {
    const left = Object.assign(new Error('User force closed the prompt'), { name: 'ExitPromptError' });
    expect(explain(left).message).toBe('Given up; nothing was changed.');
  });

  it('that nobody foresaw shows its name alone: its text may hold anything', () => {
    const error = Object.assign(new RangeError(canarySecret('in-a-message')), { code: 'ERR_X' });
    expect(explain(error).message).toBe('The command failed unexpectedly (RangeError, ERR_X).');
    expect(explain(canarySecret('thrown')).message).toBe('The command failed for no known reason.');
  });
});

describe('a command', () => {
  it('says that nothing answers at the endpoint', async () => {
    const { stderr, exitCode } = await runCommand(['status'], { endpointUrl: 'http://127.0.0.1:9' });
    expect(stderr).toContain(
      'error: Nothing answers at http://127.0.0.1:9, which AWS_ENDPOINT_URL names: start it (npm start), correct the variable, or unset it to reach AWS.',
    );
    expect(exitCode).toBe(1);
  }, 60_000);

  it('says that no Region is known, and which options there are', async () => {
    const result = await runCommand(['status'], { awsEnv: { AWS_REGION: undefined } });
    expect(result).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'error: No AWS Region is set: give --region, set AWS_REGION or AWS_DEFAULT_REGION, or use a profile that has one.\n',
    });
  });

  it('says what is no Region, and what named it', async () => {
    expect(await runCommand(['status', '--region', 'eu west'])).toMatchObject({
      exitCode: 2,
      stderr: 'error: "eu west" (--region) is no AWS Region.\n',
    });
  });

  it('says that there are no credentials', async () => {
    const { stderr, exitCode } = await runCommand(['status'], {
      awsEnv: { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
    });
    expect(stderr).toContain('error: No AWS credentials could be found. Name a profile with --profile');
    expect(exitCode).toBe(1);
  });

  it('explains in JSON where JSON was asked for', async () => {
    const { stderr } = await runCommand(['providers', 'nobody', '--json']);
    expect(JSON.parse(stderr)).toEqual({
      error: { message: expect.stringContaining('There is no preset "nobody"'), exitCode: 1 },
    });
  });

  it('refuses an allowed origin that is none', async () => {
    const env = { EVERTOKEN_ALLOWED_TOKEN_ORIGINS: 'https://idp.internal/path' };
    expect(await runCommand(['status'], { env })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('"https://idp.internal/path" is no origin'),
    });
  });
});
