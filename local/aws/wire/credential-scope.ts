import { AwsError } from './error-answer.ts';
import type { ServiceName, WireRequest } from './message.ts';

const CREDENTIAL = /^AWS4-HMAC-SHA256 .*\bCredential=([^,\s]+)/;

/** The access key that a request is signed with, where it is signed. */
export function accessKeyIdOf({ headers }: WireRequest): string | undefined {
  return CREDENTIAL.exec(headers.authorization ?? '')?.[1]?.split('/')[0];
}

/**
 * Checks how a request is signed (Signature Version 4) as far as that shows a client that is set up wrongly:
 * unsigned, or signed for another service or Region. The signature itself is not computed, so any
 * credentials do.
 * @returns the access key id
 * @throws AwsError
 */
export function checkCredentialScope(request: WireRequest, service: ServiceName, region: string): string {
  const authorization = request.headers.authorization;
  if (!authorization) {
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
  }
  // <access key>/<date>/<region>/<service>/aws4_request; an access key holds no slash.
  const scope = CREDENTIAL.exec(authorization)?.[1]?.split('/') ?? [];
  const [accessKeyId = '', , signedRegion, signedService, terminator] = scope;
  if (terminator !== 'aws4_request') {
    throw new AwsError(
      'IncompleteSignatureException',
      'Authorization header requires AWS4-HMAC-SHA256 and a Credential with date, Region and service.',
      403,
    );
  }
  if (signedRegion !== region) {
    throw new AwsError(
      'InvalidSignatureException',
      `Credential should be scoped to a valid region: this endpoint is '${region}'.`,
      403,
    );
  }
  if (signedService !== service) {
    throw new AwsError(
      'InvalidSignatureException',
      `Credential should be scoped to correct service: '${service}'.`,
      403,
    );
  }
  return accessKeyId;
}
