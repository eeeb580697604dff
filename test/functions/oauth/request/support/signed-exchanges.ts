import { JWT_BEARER } from '../../../../../functions/oauth/grant-type.ts';
import { Secret } from '../../../../../functions/oauth/secret.ts';
import { KEYS } from '../../../../support/signing-keys.ts';
import {
  AT,
  bearerForm,
  cert,
  certificateHash,
  client,
  type Exchange,
  enc,
  NONE,
  onlyAssertion,
  POST,
  SECRET,
} from './exchange.ts';

/** Exchanges in which the client signs something, as providers document them. */
export const SIGNED_EXCHANGES: readonly Exchange[] = [
  {
    name: 'GitHub App installation',
    input: {
      tokenUrl: 'https://api.github.com/app/installations/42/access_tokens',
      credentials: { client_id: 'Iv1.abc', private_key: KEYS.rsa.pem },
      request: {
        bodyFormat: 'none',
        headers: { Accept: 'application/json', 'X-GitHub-Api-Version': '2022-11-28' },
        assertion: {
          use: 'bearer',
          algorithms: ['RS256'],
          backdatedSeconds: 60,
          lifetimeSeconds: 600,
          jti: false,
          claims: { aud: null },
        },
      },
    },
    headers: { authorization: 'Bearer {assertion}', 'x-github-api-version': '2022-11-28' },
    type: null,
    body: '',
    jwt: { header: { alg: 'RS256' }, claims: { iss: 'Iv1.abc', iat: AT - 60, exp: AT + 540 } },
  },
  {
    name: 'Google service account',
    input: {
      tokenUrl: 'https://oauth2.googleapis.com/token',
      grantType: JWT_BEARER,
      scope: 'https://www.googleapis.com/auth/drive https://www.googleapis.com/auth/calendar',
      credentials: {
        client_id: '1234',
        private_key: KEYS.rsa.pem,
        fields: { client_email: new Secret('robot@project.example'), private_key_id: new Secret('kid-1') },
      },
      request: {
        ...NONE,
        ...onlyAssertion,
        assertion: {
          use: 'grant',
          algorithms: ['RS256'],
          lifetimeSeconds: 3600,
          jti: false,
          header: { typ: 'JWT', kid: '{credential.private_key_id}' },
          claims: { iss: '{credential.client_email}', scope: '{scope}' },
        },
      },
    },
    body: bearerForm(),
    jwt: {
      header: { alg: 'RS256', typ: 'JWT', kid: 'kid-1' },
      claims: {
        aud: 'https://oauth2.googleapis.com/token',
        iat: AT,
        exp: AT + 3600,
        iss: 'robot@project.example',
        scope: 'https://www.googleapis.com/auth/drive https://www.googleapis.com/auth/calendar',
      },
    },
  },
  {
    name: 'Salesforce JWT',
    input: {
      tokenUrl: 'https://login.salesforce.com/services/oauth2/token',
      grantType: JWT_BEARER,
      credentials: { client_id: 'consumer-key', username: 'me@acme.example', private_key: KEYS.rsa.pem },
      request: {
        ...NONE,
        ...onlyAssertion,
        assertion: {
          use: 'grant',
          lifetimeSeconds: 180,
          jti: false,
          claims: { sub: '{credential.username}', aud: 'https://login.salesforce.com' },
        },
      },
    },
    body: bearerForm(),
    jwt: {
      header: { alg: 'RS256' },
      claims: {
        iss: 'consumer-key',
        iat: AT,
        exp: AT + 180,
        sub: 'me@acme.example',
        aud: 'https://login.salesforce.com',
      },
    },
  },
  {
    name: 'Entra with a certificate',
    input: {
      tokenUrl: 'https://login.microsoftonline.com/tenant-1/oauth2/v2.0/token',
      scope: 'https://graph.microsoft.com/.default',
      credentials: { client_id: 'app-1', private_key: KEYS.rsa.pem, certificate: cert },
      request: {
        clientAuthentication: 'private_key_jwt',
        assertion: {
          use: 'client',
          algorithms: ['PS256'],
          lifetimeSeconds: 300,
          header: { typ: 'JWT', 'x5t#S256': '{certificate.x5t#S256}' },
        },
      },
    },
    body: `grant_type=client_credentials&scope=${enc('https://graph.microsoft.com/.default')}&client_id=app-1&client_assertion_type=${enc('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')}&client_assertion={assertion}`,
    jwt: {
      header: { alg: 'PS256', typ: 'JWT', 'x5t#S256': certificateHash },
      claims: {
        iss: 'app-1',
        sub: 'app-1',
        aud: 'https://login.microsoftonline.com/tenant-1/oauth2/v2.0/token',
        jti: 'uuid-1',
        iat: AT,
        exp: AT + 300,
      },
    },
  },
  {
    name: 'Box JWT',
    input: {
      tokenUrl: 'https://api.box.com/oauth2/token',
      grantType: JWT_BEARER,
      credentials: {
        ...client,
        private_key: KEYS.rsa.pem,
        key_id: 'public-key-id',
        fields: { enterprise_id: new Secret('99') },
      },
      request: {
        ...POST,
        assertion: {
          use: 'grant',
          algorithms: ['RS512'],
          lifetimeSeconds: 45,
          claims: { sub: '{credential.enterprise_id}', box_sub_type: 'enterprise' },
        },
      },
    },
    body: bearerForm('client_id=client-1', `client_secret=${SECRET}`),
    jwt: {
      header: { alg: 'RS512', kid: 'public-key-id' },
      claims: {
        iss: 'client-1',
        aud: 'https://api.box.com/oauth2/token',
        jti: 'uuid-1',
        iat: AT,
        exp: AT + 45,
        sub: '99',
        box_sub_type: 'enterprise',
      },
    },
  },
  {
    name: 'DocuSign JWT',
    input: {
      tokenUrl: 'https://account-d.docusign.com/oauth/token',
      grantType: JWT_BEARER,
      credentials: {
        client_id: 'integration-key',
        private_key: KEYS.rsa.pem,
        fields: { user_id: new Secret('guid-1') },
      },
      request: {
        ...NONE,
        ...onlyAssertion,
        defaultScope: 'signature impersonation',
        assertion: {
          use: 'grant',
          lifetimeSeconds: 3600,
          jti: false,
          claims: { sub: '{credential.user_id}', aud: '{tokenHost}', scope: '{scope}' },
        },
      },
    },
    body: bearerForm(),
    jwt: {
      header: { alg: 'RS256' },
      claims: {
        iss: 'integration-key',
        iat: AT,
        exp: AT + 3600,
        sub: 'guid-1',
        aud: 'account-d.docusign.com',
        scope: 'signature impersonation',
      },
    },
  },
  {
    name: 'ServiceNow JWT, which also wants the secret',
    input: {
      tokenUrl: 'https://acme.service-now.com/oauth_token.do',
      grantType: JWT_BEARER,
      credentials: { ...client, private_key: KEYS.rsa.pem, key_id: 'kid-1', username: 'abel.tuter' },
      request: {
        ...POST,
        assertion: { use: 'grant', claims: { sub: '{credential.username}', aud: '{credential.client_id}' } },
      },
    },
    body: bearerForm('client_id=client-1', `client_secret=${SECRET}`),
    jwt: {
      header: { alg: 'RS256', kid: 'kid-1' },
      claims: { iss: 'client-1', jti: 'uuid-1', iat: AT, exp: AT + 60, sub: 'abel.tuter', aud: 'client-1' },
    },
  },
  {
    name: 'Workday JWT',
    input: {
      tokenUrl: 'https://wd2.myworkday.com/ccx/oauth2/acme/token',
      grantType: JWT_BEARER,
      credentials: { client_id: 'client-1', username: 'ISU', private_key: KEYS.rsa.pem },
      request: {
        ...NONE,
        ...onlyAssertion,
        assertion: {
          use: 'grant',
          lifetimeSeconds: 300,
          jti: false,
          claims: { sub: '{credential.username}', aud: 'wd' },
        },
      },
    },
    body: bearerForm(),
    jwt: {
      header: { alg: 'RS256' },
      claims: { iss: 'client-1', iat: AT, exp: AT + 300, sub: 'ISU', aud: 'wd' },
    },
  },
  {
    name: 'NetSuite, with the scope inside of the assertion',
    input: {
      tokenUrl: 'https://1.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token',
      scope: 'restlets rest_webservices',
      credentials: { client_id: 'client-1', private_key: KEYS.rsa.pem, key_id: 'certificate-id' },
      request: {
        clientAuthentication: 'private_key_jwt',
        scopeSeparator: ',',
        sendOnly: { client_credentials: ['grant_type', 'client_assertion_type', 'client_assertion'] },
        assertion: {
          use: 'client',
          algorithms: ['PS256', 'ES256'],
          jti: false,
          header: { typ: 'JWT' },
          claims: { sub: null, scope: '{scope}' },
        },
      },
    },
    body: `grant_type=client_credentials&client_assertion_type=${enc('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')}&client_assertion={assertion}`,
    jwt: {
      header: { alg: 'PS256', kid: 'certificate-id', typ: 'JWT' },
      claims: {
        iss: 'client-1',
        aud: 'https://1.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token',
        iat: AT,
        exp: AT + 60,
        scope: 'restlets,rest_webservices',
      },
    },
  },
  {
    name: 'Epic and other SMART backend services',
    input: {
      tokenUrl: 'https://fhir.example.org/oauth2/token',
      scope: 'system/Patient.read',
      credentials: { client_id: 'client-1', private_key: KEYS.p384.pem, key_id: 'kid-1' },
      request: {
        clientAuthentication: 'private_key_jwt',
        sendOnly: {
          client_credentials: ['grant_type', 'scope', 'client_assertion_type', 'client_assertion'],
        },
        assertion: { use: 'client', algorithms: ['RS384', 'ES384'], lifetimeSeconds: 240 },
      },
    },
    body: `grant_type=client_credentials&scope=system%2FPatient.read&client_assertion_type=${enc('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')}&client_assertion={assertion}`,
    jwt: {
      header: { alg: 'ES384', kid: 'kid-1' },
      claims: {
        iss: 'client-1',
        sub: 'client-1',
        aud: 'https://fhir.example.org/oauth2/token',
        jti: 'uuid-1',
        iat: AT,
        exp: AT + 240,
      },
    },
  },
];
