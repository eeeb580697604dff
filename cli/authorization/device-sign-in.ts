import type { Credentials } from '../../functions/oauth/credentials.ts';
import { DEVICE_CODE } from '../../functions/oauth/grant-type.ts';
import {
  buildDeviceAuthorization,
  type DeviceAuthorization,
  processDeviceAuthorizationResponse,
} from '../../functions/oauth/request/device-authorization.ts';
import { TokenError } from '../../functions/oauth/token-error.ts';
import type { Exchange } from '../../functions/oauth/token-set.ts';
import { durationText } from '../../functions/text/times.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailed } from '../command-failed.ts';
import type { Deployment } from '../deployment.ts';
import { requiredUrl, type SignInProvider } from './sign-in-provider.ts';

/** RFC 8628 section 3.5. */
const SLOW_DOWN_SECONDS = 5;

type Source = Pick<Deployment, 'tokenEndpoint' | 'clock' | 'random'>;

/**
 * Signs in on any device: shows a code, and asks until the person has entered it (RFC 8628).
 * @param timeoutMs shortens the time that the provider gives
 * @throws CommandFailed, TokenError
 */
export async function signInByDevice(
  provider: SignInProvider,
  credentials: Credentials,
  { io, remark }: Pick<CommandContext, 'io' | 'remark'>,
  deployment: Source,
  timeoutMs = Number.POSITIVE_INFINITY,
): Promise<Exchange> {
  const device = await askForCode(provider, credentials, deployment, io.signal);
  const endsAt = deployment.clock.now() + Math.min(timeoutMs, device.expiresInSeconds * 1000);
  remark(instructions(device, endsAt - deployment.clock.now()));
  for (let intervalSeconds = device.intervalSeconds; ; ) {
    await deployment.clock.sleep(intervalSeconds * 1000, io.signal);
    if (io.signal.aborted) throw new CommandFailed('Interrupted. Nothing was stored.');
    if (deployment.clock.now() >= endsAt) throw tooLate();
    try {
      return await poll(provider, credentials, device, deployment, io.signal);
    } catch (error) {
      intervalSeconds = nextInterval(error, intervalSeconds);
    }
  }
}

async function askForCode(
  provider: SignInProvider,
  credentials: Credentials,
  { tokenEndpoint, clock, random }: Source,
  signal: AbortSignal,
): Promise<DeviceAuthorization> {
  const { connection, tokenUrl } = provider;
  const { request: rules, scope, errors, signingKey } = connection;
  const url = requiredUrl(provider, provider.deviceAuthorizationUrl, 'deviceAuthorizationUrl');
  const context = { now: () => clock.now(), uuid: () => random.uuid() };
  const request = await buildDeviceAuthorization(
    { url, credentials, request: rules, tokenUrl, scope, signingKey },
    context,
  );
  const answer = await tokenEndpoint.send(request, { signal });
  const { secrets, identifiesClient } = request;
  return processDeviceAuthorizationResponse(answer, errors, { now: clock.now(), secrets, identifiesClient });
}

function poll(
  { connection, tokenUrl }: SignInProvider,
  credentials: Credentials,
  { device_code }: DeviceAuthorization,
  { tokenEndpoint }: Source,
  signal: AbortSignal,
): Promise<Exchange> {
  const { request, response, errors, signingKey } = connection;
  const grant = { grantType: DEVICE_CODE, device_code, signingKey };
  return tokenEndpoint.exchange({ request, response, errors, tokenUrl, credentials, ...grant }, { signal });
}

/** For how long to wait before asking again, RFC 8628 section 3.5. @throws what ends the sign-in */
function nextInterval(error: unknown, intervalSeconds: number): number {
  if (!(error instanceof TokenError)) throw error;
  switch (error.code) {
    case 'authorization_pending':
      return intervalSeconds;
    case 'slow_down':
      return intervalSeconds + SLOW_DOWN_SECONDS;
    case 'access_denied':
      throw new CommandFailed('Access was denied at the provider. Nothing was stored.');
    case 'expired_token':
      throw tooLate();
  }
  // An answer that got lost is no reason to give up, and one to ask less often.
  const isPassing = ['never-sent', 'unanswered', 'unsure', 'throttled'].includes(error.kind);
  if (!isPassing) throw error;
  return intervalSeconds * 2;
}

function tooLate(): CommandFailed {
  return new CommandFailed(
    'The code was not entered in time. Nothing was stored. Start again for a new one.',
  );
}

function instructions(device: DeviceAuthorization, leftMs: number): string {
  const { user_code, verification_uri, verification_uri_complete } = device;
  const complete =
    verification_uri_complete === undefined
      ? ''
      : `\nOr open, and compare the code:\n\n  ${verification_uri_complete}\n`;
  return (
    `On any device, within ${durationText(leftMs)}, open\n\n  ${verification_uri}\n\nand enter the code\n\n  ` +
    `${user_code}\n${complete}`
  );
}
