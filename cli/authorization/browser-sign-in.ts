import { addAbortSignal, type Readable } from 'node:stream';
import type { Credentials } from '../../functions/oauth/credentials.ts';
import type { Secret } from '../../functions/oauth/secret.ts';
import type { Exchange } from '../../functions/oauth/token-set.ts';
import { durationText } from '../../functions/text/times.ts';
import type { CommandContext } from '../command-context.ts';
import { WrongUsage } from '../command-failed.ts';
import type { Deployment } from '../deployment.ts';
import { explainError } from '../explain-error.ts';
import type { Io } from '../io.ts';
import { askSecret, isInteractive } from '../prompts.ts';
import { readStandardInput } from '../standard-input.ts';
import { beginCodeExchange } from './code-exchange.ts';
import { LoopbackRedirect } from './loopback-redirect.ts';
import { pastedCallback } from './pasted-callback.ts';
import type { ResultPage } from './result-page.ts';
import type { SignInProvider } from './sign-in-provider.ts';
import { waitFor } from './wait-for.ts';

/** What a sign-in in a browser needs. */
export interface BrowserSignIn {
  readonly provider: SignInProvider;
  readonly credentials: Credentials & { readonly client_id: string };
  readonly context: CommandContext;
  readonly deployment: Deployment;
  readonly timeoutMs: number;
}

/** Makes something of the tokens, and says in the browser what. */
export type Finish<Result> = (
  exchange: Exchange,
) => Promise<{ readonly result: Result; readonly page: ResultPage }>;

/** Opens an address for a person. Rejects when that is not possible. */
export type OpenBrowser = (url: string) => Promise<void>;

/**
 * Signs in through a redirect to this machine (RFC 8252 section 7.3). The browser shows what came of it, once
 * all is done. @param port 0 for any free one
 * @throws CommandFailed, TokenError, StoreError
 */
export async function signInByRedirect<Result>(
  { provider, credentials, context, deployment, timeoutMs }: BrowserSignIn,
  { port, openBrowser }: { readonly port: number; readonly openBrowser: OpenBrowser | undefined },
  finish: Finish<Result>,
): Promise<Result> {
  const { io, remark, options } = context;
  await using redirect = await LoopbackRedirect.listen(port);
  const { redirectUri } = redirect;
  const exchange = await beginCodeExchange(provider, credentials, redirectUri, deployment, io.signal);
  const opened = await openQuietly(exchange.url, openBrowser);
  remark(
    `${opened ? 'Your browser opens to sign in. If it does not, open' : 'Open this address to sign in:'}\n\n  ` +
      `${exchange.url}\n\nWaiting for ${durationText(timeoutMs)} at ${redirectUri}`,
  );
  const { parameters, answer } = await waitFor(redirect.callback, timeoutMs, io);
  try {
    const { result, page } = await finish(await exchange.redeem(parameters));
    await answer(page);
    return result;
  } catch (error) {
    await answer({ title: 'The sign-in failed', message: explainError(error, options).message });
    throw error;
  }
}

/**
 * Signs in where the provider wants a redirect URI that is not this machine's: the person brings its answer.
 * @throws CommandFailed, TokenError, StoreError
 */
export async function signInByHand<Result>(
  { provider, credentials, context, deployment, timeoutMs }: BrowserSignIn,
  redirectUri: string | undefined,
  finish: Finish<Result>,
): Promise<Result> {
  const { io, remark } = context;
  if (redirectUri === undefined) {
    throw new WrongUsage('--manual needs --redirect-uri: one that is registered with the provider.');
  }
  const exchange = await beginCodeExchange(provider, credentials, redirectUri, deployment, io.signal);
  remark(
    `Open this address to sign in:\n\n  ${exchange.url}\n\nThe browser ends on a page of ${redirectUri}, ` +
      'which need not exist. Copy its whole address.',
  );
  const pasted = await askForAddress(io, timeoutMs);
  return (await finish(await exchange.redeem(pastedCallback(pasted, redirectUri)))).result;
}

/** Whoever waited in vain reads no further: standard input that stays open would keep the process alive. */
async function askForAddress(io: Io, timeoutMs: number): Promise<Secret> {
  const waiting = new AbortController();
  const signal = AbortSignal.any([io.signal, waiting.signal]);
  const read = () => readStandardInput({ ...io, stdin: addAbortSignal(signal, io.stdin as Readable) });
  const asked = isInteractive(io) ? askSecret({ ...io, signal }, 'Paste the address (hidden):') : read();
  try {
    return await waitFor(asked, timeoutMs, io);
  } finally {
    waiting.abort();
  }
}

/** A machine without a browser is no reason to stop: the address is printed anyway. */
async function openQuietly(url: string, openBrowser: OpenBrowser | undefined): Promise<boolean> {
  try {
    await openBrowser?.(url);
    return openBrowser !== undefined;
  } catch {
    return false;
  }
}
