import { ConnectionError } from '../functions/connections/connection-error.ts';
import { TokenError } from '../functions/oauth/token-error.ts';
import { StoreError } from '../functions/refresh/ports/stores.ts';
import { storeRemedy } from '../functions/refresh/rules/store-remedy.ts';
import { inertStart } from '../functions/text/inert.ts';
import { CommandFailed } from './command-failed.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

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
  if (PROMPT_ENDED.has(error.name)) return 'Given up; nothing was changed.';
  // The text of an unforeseen error may hold anything: only its name is safe to show.
  const { code } = error as NodeJS.ErrnoException;
  return `The command failed unexpectedly (${[error.name, code].filter(Boolean).join(', ')}).`;
}

/** How inquirer says that the person pressed Ctrl-C, or that the command was interrupted. */
const PROMPT_ENDED = new Set(['ExitPromptError', 'AbortPromptError', 'CancelPromptError']);

const STATE_CALL = /^(?:GetItem|PutItem|UpdateItem|DeleteItem|BatchGetItem|Query|Scan|DescribeTable) /;
const UNREACHABLE = /\((?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH)\)/;
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
export function explainStoreError(error: StoreError, { namespace, region }: Where): string {
  const { code, kind, message } = error;
  const remedy = yourRemedy(error);
  if (remedy !== undefined) return `${message}. ${remedy}`;
  if (code === 'CredentialsProviderError' || /credentials/i.test(code)) {
    return `No AWS credentials could be found. Name a profile with --profile, or sign in, e.g. with "aws sso login". (${message})`;
  }
  if (code.startsWith('ExpiredToken')) {
    return 'Your AWS credentials have expired: sign in again, e.g. with "aws sso login".';
  }
  if (UNKNOWN_CREDENTIALS.has(code)) {
    return `AWS does not accept these credentials: check --profile and the AWS_ variables of the environment. (${message})`;
  }
  if (UNREACHABLE.test(message)) {
    return `AWS cannot be reached: check the network, the Region and AWS_ENDPOINT_URL. (${message})`;
  }
  if (kind === 'missing' && (STATE_CALL.test(message) || message.startsWith('Invoke '))) {
    return (
      `There is no deployment with the namespace "${namespace}" in ${region ?? 'this Region'}: ` +
      'check --namespace, --region and --profile, or deploy it with "npx cdk deploy --all".'
    );
  }
  if (kind === 'denied' && message.startsWith('GetSecretValue ')) {
    return (
      "You may not read this secret: it takes secretsmanager:GetSecretValue, which the operator's policy " +
      `leaves out on purpose. Use a role that has it. (${message})`
    );
  }
  if (kind === 'denied' && code.startsWith('AccessDenied')) {
    return `You lack a permission of the operator's policy. (${message})`;
  }
  return kind === 'transient' ? `AWS could not do it now; try again. (${message})` : `${message}.`;
}
