import { ConnectionError } from '../functions/connections/connection-error.ts';
import { TokenError } from '../functions/oauth/token-error.ts';
import { StoreError } from '../functions/refresh/ports/stores.ts';
import { storeRemedy } from '../functions/refresh/rules/store-remedy.ts';
import { inertStart } from '../functions/text/inert.ts';
import { CommandFailed } from './command-failed.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { isPromptEnded } from './prompts.ts';

export interface Explanation {
  /** What went wrong and what to do about it. Never a stack trace. */
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** Which deployment was meant. */
export interface Where {
  readonly namespace: string;
  /** Absent where only the SDK knows. */
  readonly region?: string | undefined;
  /** What named the Region. */
  readonly regionFrom?: string | undefined;
  /** The AWS profile that was named. */
  readonly profile?: string | undefined;
  /** Of AWS_ENDPOINT_URL, in place of AWS's own. */
  readonly endpoint?: string | undefined;
}

/** Says to the person at the terminal what an error means. */
export function explainError(error: unknown, where: Where): Explanation {
  if (error instanceof CommandFailed) return { message: error.message, exitCode: error.exitCode };
  return { message: inertStart(sentence(error, where)), exitCode: EXIT.failed };
}

function sentence(error: unknown, where: Where): string {
  if (error instanceof StoreError) return explainStoreError(error, where);
  if (error instanceof ConnectionError || error instanceof TokenError) return error.message;
  if (!(error instanceof Error)) return 'The command failed for no known reason.';
  if (isPromptEnded(error)) return 'Given up; nothing was changed.';
  // The text of an unforeseen error may hold anything: only its name is safe to show.
  const { code } = error as NodeJS.ErrnoException;
  return `The command failed unexpectedly (${[error.name, code].filter(Boolean).join(', ')}).`;
}

const STATE_CALL = /^(?:GetItem|PutItem|UpdateItem|DeleteItem|BatchGetItem|Query|Scan|DescribeTable) /;
const UNKNOWN_CREDENTIALS = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'IncompleteSignatureException',
  'MissingAuthenticationTokenException',
]);

/** What the person at the terminal does about a secret, its key or its content; `undefined` for anything else. */
export function yourRemedy({ code, kind, message }: StoreError): string | undefined {
  return storeRemedy({ code, kind: `store-${kind}`, message }, 'you');
}

/** A refusal of AWS's, in words that name the remedy. */
export function explainStoreError(error: StoreError, where: Where): string {
  const { code, kind, message } = error;
  const { namespace, region, regionFrom } = where;
  const remedy = yourRemedy(error);
  if (remedy !== undefined) return `${message}. ${remedy}`;
  const refused = credentialsTrouble(error, where) ?? unreachable(error, where);
  if (refused !== undefined) return `${refused} (${message})`;
  if (kind === 'missing' && (STATE_CALL.test(message) || message.startsWith('Invoke '))) {
    return (
      `There is no deployment with the namespace "${namespace}" in ${region ?? 'this Region'}` +
      `${regionFrom === undefined ? '' : ` (${regionFrom})`}: ` +
      'check --namespace, --region and --profile, or deploy it with "npx cdk deploy --all".'
    );
  }
  if (kind === 'denied' && message.startsWith('GetSecretValue ')) {
    return (
      "You may not read this secret: it takes secretsmanager:GetSecretValue, which the operator's policy " +
      `leaves out on purpose. Use a role that has it. (${message})`
    );
  }
  if (kind === 'denied' && /^(?:FilterLogEvents|GetFunctionConfiguration) /.test(message)) {
    return (
      'You may not read the logs of the functions: it takes lambda:GetFunctionConfiguration, which says where they ' +
      `are, and logs:FilterLogEvents there; the operator's policy has both. "evertoken history" does without them. (${message})`
    );
  }
  if (kind === 'denied' && code.startsWith('AccessDenied')) {
    return `You lack a permission of the operator's policy. (${message})`;
  }
  return kind === 'transient' ? `AWS could not do it now; try again. (${message})` : `${message}.`;
}

/** Signing in is what helps, with IAM Identity Center or with "aws login". */
const SIGN_IN = /\bsso\b|\baws login\b|\/login\/cache\//i;

/** What is the matter with the person's own credentials; `undefined` for any other trouble. */
function credentialsTrouble({ code, message }: StoreError, { profile }: Where): string | undefined {
  const option = profile === undefined ? '' : ` --profile ${profile}`;
  if (code === 'CredentialsProviderError' || /credentials/i.test(code)) {
    if (SIGN_IN.test(message)) {
      const how = /login session|\baws login\b|\/login\/cache\//i.test(message)
        ? 'aws login'
        : 'aws sso login';
      return `Your sign-in at AWS has ended, or there was none: ${how}${option}.`;
    }
    if (/multi-factor|\bMFA\b/i.test(message)) {
      return `The profile "${profile ?? 'default'}" asks for a code of multi-factor authentication, for which nothing can ask here: get credentials of a session, e.g. with "aws configure export-credentials${option} --format env".`;
    }
    return profile === undefined
      ? 'No AWS credentials could be found. Name a profile with --profile or AWS_PROFILE, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in, e.g. with "aws sso login".'
      : `The AWS profile "${profile}" has no credentials that can be used: "aws sts get-caller-identity${option}" says more.`;
  }
  if (code.startsWith('ExpiredToken')) {
    return `Your AWS credentials have expired: sign in again, e.g. with "aws sso login${option}".`;
  }
  if (UNKNOWN_CREDENTIALS.has(code)) {
    return 'AWS does not accept these credentials: check --profile and the AWS_ variables of the environment, and that the Region is enabled for the account.';
  }
  return undefined;
}

const NOT_FOUND = /\((?:ENOTFOUND|EAI_AGAIN)\)/;
const UNREACHABLE =
  /\((?:ECONNREFUSED|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|EPROTO|CERT_\w+|\w+_CERT\w*|ERR_(?:SSL|TLS)_\w+)\)/;

/** Nothing came back, so that nothing is known of the deployment. */
function unreachable({ code, message }: StoreError, where: Where): string | undefined {
  const isLost = NOT_FOUND.test(message);
  // A function may take long; every other call is answered at once.
  const isSilent = code === 'TimeoutError' && !message.startsWith('Invoke ');
  if (!isLost && !isSilent && !UNREACHABLE.test(message)) return undefined;
  const { endpoint, region = 'this Region', regionFrom } = where;
  if (endpoint !== undefined) {
    return `Nothing answers at ${endpoint}, which AWS_ENDPOINT_URL names: start it (npm start), correct the variable, or unset it to reach AWS.`;
  }
  const from = regionFrom === undefined ? '' : ` (${regionFrom})`;
  return isLost
    ? `No endpoint of AWS is found by name for ${region}${from}: check the Region, and the network.`
    : `AWS cannot be reached in ${region}${from}: check the network, and a proxy or VPN on the way.`;
}
