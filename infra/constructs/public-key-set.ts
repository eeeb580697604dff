import {
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Construct } from 'constructs';
import { SynthProblem } from '../synth-problem.ts';

/** Members of a JWK that are private, RFC 7518 section 6. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** The most that CloudFront takes of a function's code, in bytes. */
const MOST_BYTES = 10_240;

/** A JSON Web Key Set, RFC 7517 section 5, as `evertoken jwks` prints it. */
export interface JsonWebKeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

export interface PublicKeySetProps {
  /** What `evertoken jwks` printed. Public keys only. */
  readonly jwks: JsonWebKeySet;
  /**
   * Where it lies.
   * @default '/.well-known/jwks.json'
   */
  readonly path?: string;
  /**
   * For how long those who read it may keep it, in seconds. A new key is known everywhere this long after it was
   * deployed: sign with it after that.
   * @default 300
   */
  readonly cacheSeconds?: number;
}

/**
 * Serves the public keys with which a provider checks assertions, at an https URL. CloudFront answers by itself: there
 * is neither a bucket nor a server, and nothing private.
 */
export class PublicKeySet extends Construct {
  /** What the provider is given. */
  readonly url: string;

  /** @throws SynthProblem for a set without keys, one that holds a private key, or one that is too long */
  constructor(scope: Construct, id: string, props: PublicKeySetProps) {
    super(scope, id);
    const { jwks, path = '/.well-known/jwks.json', cacheSeconds = 300 } = props;
    refusePrivateKeys(jwks);
    if (!/^\/[\w./-]+$/.test(path)) {
      throw new SynthProblem(`path: expected one such as "/.well-known/jwks.json", found "${path}"`);
    }
    const code = responseCode(JSON.stringify(jwks), path, cacheSeconds);
    if (Buffer.byteLength(code) > MOST_BYTES) {
      throw new SynthProblem(
        `jwks: is longer than the ${MOST_BYTES} bytes that CloudFront answers by itself: leave old keys out`,
      );
    }
    const answer = new EdgeFunction(this, 'Answer', {
      code: FunctionCode.fromInline(code),
      runtime: FunctionRuntime.JS_2_0,
      comment: 'Answers with public keys',
    });
    const distribution = new Distribution(this, 'Distribution', {
      comment: 'Public keys for assertions',
      defaultBehavior: {
        // Never asked: the function answers each request.
        origin: new HttpOrigin('jwks.invalid'),
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        functionAssociations: [{ function: answer, eventType: FunctionEventType.VIEWER_REQUEST }],
      },
    });
    this.url = `https://${distribution.distributionDomainName}${path}`;
  }
}

function refusePrivateKeys({ keys }: JsonWebKeySet): void {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new SynthProblem('jwks: expected an object with "keys", as "evertoken jwks" prints it, found none');
  }
  keys.forEach((key, index) => {
    const member = PRIVATE_MEMBERS.find((each) => Object.hasOwn(key, each));
    if (member === undefined) return;
    throw new SynthProblem(
      `jwks.keys[${index}]: holds the private member "${member}": whoever read it could sign in your name. Take what "evertoken jwks" prints, and replace this key`,
    );
  });
}

/** What CloudFront runs. In JSON's notation a text is one of JavaScript's too. */
function responseCode(body: string, path: string, cacheSeconds: number): string {
  return `function handler(event) {
  var method = event.request.method;
  if (event.request.uri !== ${JSON.stringify(path)} || (method !== 'GET' && method !== 'HEAD')) {
    return { statusCode: 404, statusDescription: 'Not Found' };
  }
  return {
    statusCode: 200,
    statusDescription: 'OK',
    headers: {
      'content-type': { value: 'application/jwk-set+json' },
      'cache-control': { value: 'public, max-age=${Math.floor(cacheSeconds)}' },
    },
    body: { encoding: 'text', data: ${JSON.stringify(body)} },
  };
}
`;
}
