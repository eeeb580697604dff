import { InvalidArgumentError, Option } from 'commander';
import { AUTHORIZATION_CODE, DEVICE_CODE } from '../../functions/oauth/grant-type.ts';
import type { RefreshResult } from '../../functions/refresh/refresh-result.ts';
import {
  type BrowserSignIn,
  type Finish,
  type OpenBrowser,
  signInByHand,
  signInByRedirect,
} from '../authorization/browser-sign-in.ts';
import { clientCredentials } from '../authorization/client-credentials.ts';
import { signInByDevice } from '../authorization/device-sign-in.ts';
import { finishSignIn } from '../authorization/finish-sign-in.ts';
import { redirectUriProblem } from '../authorization/pasted-callback.ts';
import type { ResultPage } from '../authorization/result-page.ts';
import { findSignInProvider } from '../authorization/sign-in-provider.ts';
import type { CommandContext, CommandModule } from '../command-context.ts';
import { CommandFailed } from '../command-failed.ts';
import { registeredConnection } from '../connections/registered-connections.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { wholeNumber } from '../program.ts';
import { refreshText } from '../text/refresh-text.ts';

const DEFAULT_TIMEOUT_SECONDS = 300;

interface AuthorizeOptions {
  readonly port?: number;
  readonly timeout?: number;
  readonly browser: boolean;
  readonly manual?: boolean;
  readonly redirectUri?: string;
  readonly device?: boolean;
}

/** `evertoken authorize`: a person signs in, and the connection has a refresh token. */
export function createAuthorizeCommand(openBrowser: OpenBrowser): CommandModule {
  return (program, run) => {
    program
      .command('authorize')
      .description(
        'Opens the browser to sign in, stores the refresh token that comes of it, and\n' +
          'refreshes. Reads the client credentials from their secret if you may, and asks\nfor them if not.',
      )
      .argument('<connection>', 'name of the connection')
      .addOption(
        new Option('--port <port>', 'of http://127.0.0.1:<port>/callback (default: any free one)').argParser(
          wholeNumber('a port', 1, 65_535),
        ),
      )
      .addOption(
        new Option('--timeout <seconds>', `how long to wait (default: ${DEFAULT_TIMEOUT_SECONDS})`).argParser(
          wholeNumber('a number of seconds', 1, 86_400),
        ),
      )
      .option('--no-browser', 'print the address and open nothing')
      .addOption(
        new Option('--manual', 'paste the address on which the sign-in ends').conflicts(['port', 'device']),
      )
      .addOption(
        new Option('--redirect-uri <uri>', 'the one registered with the provider, for --manual')
          .argParser(redirectUri)
          .conflicts(['port', 'device']),
      )
      .addOption(new Option('--device', 'enter a code on any device (RFC 8628)').conflicts('port'))
      .addHelpText(
        'after',
        '\nExamples:\n  evertoken authorize books/acme\n' +
          '  evertoken authorize crm --manual --redirect-uri https://example.com/callback',
      )
      .action(
        run((context, name: string, options: AuthorizeOptions) =>
          authorize(name, options, context, openBrowser),
        ),
      );
  };
}

export const authorizeCommand = createAuthorizeCommand(async (url) => {
  const { default: open } = await import('open');
  const browser = await open(url);
  // It may fail after it was started; the address is printed anyway.
  browser.on('error', () => undefined);
});

async function authorize(
  name: string,
  options: AuthorizeOptions,
  context: CommandContext,
  openBrowser: OpenBrowser,
): Promise<ExitCode> {
  const deployment = await context.deployment();
  const state = await registeredConnection(name, deployment);
  if (state.paused)
    throw new CommandFailed(`"${name}" is paused: resume it first, with "evertoken resume ${name}".`);
  const provider = await findSignInProvider(state, deployment);
  const grantType = options.device ? DEVICE_CODE : AUTHORIZATION_CODE;
  const credentials = await clientCredentials(provider.connection, grantType, context, deployment);
  const finish: Finish<RefreshResult> = async (exchange) => {
    const result = await finishSignIn(provider.connection, grantType, exchange, context, deployment);
    return { result, page: pageOf(result) };
  };
  const timeoutMs = options.timeout === undefined ? undefined : options.timeout * 1000;
  let result: RefreshResult;
  if (options.device) {
    const exchange = await signInByDevice(provider, credentials, context, deployment, timeoutMs);
    ({ result } = await finish(exchange));
  } else {
    const signIn: BrowserSignIn = {
      provider,
      credentials,
      context,
      deployment,
      timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_SECONDS * 1000,
    };
    result =
      options.manual || options.redirectUri !== undefined
        ? await signInByHand(signIn, options.redirectUri, finish)
        : await signInByRedirect(
            signIn,
            { port: options.port ?? 0, openBrowser: options.browser ? openBrowser : undefined },
            finish,
          );
  }
  context.show({
    text: `Signed in. The refresh token of "${name}" is stored.\n\n${refreshText([result], context.io.clock.now(), context)}`,
    json: { result },
  });
  return exitCodeOf(result);
}

function pageOf({ connection, outcome, error }: RefreshResult): ResultPage {
  return isDone(outcome)
    ? {
        title: 'You are signed in',
        message: `"${connection}" is kept fresh from now on. You can close this tab.`,
      }
    : {
        title: 'Signed in, but not refreshed yet',
        message: `The sign-in of "${connection}" worked and its refresh token is stored. The first refresh came to "${outcome}"${error === null ? '' : `: ${error.message}`}. Look at the terminal.`,
      };
}

function isDone(outcome: string): boolean {
  return outcome === 'refreshed' || outcome === 'fresh';
}

function exitCodeOf({ outcome, need }: RefreshResult): ExitCode {
  if (isDone(outcome)) return EXIT.done;
  return need === null ? EXIT.failed : EXIT.needsHuman;
}

function redirectUri(value: string): string {
  const problem = redirectUriProblem(value);
  if (problem !== undefined) throw new InvalidArgumentError(problem);
  return value;
}
