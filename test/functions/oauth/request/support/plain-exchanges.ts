import { identityRulesSchema } from '../../../../../functions/oauth/assertion-rules.ts';
import {
  JWT_BEARER,
  REFRESH_TOKEN,
  SAML2_BEARER,
  TOKEN_EXCHANGE,
} from '../../../../../functions/oauth/grant-type.ts';
import { Secret } from '../../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../../support/canary.ts';
import { fakeSecret } from '../../../../support/token-input.ts';
import { basic, client, type Exchange, enc, NONE, POST, SECRET } from './exchange.ts';

/** Exchanges in which nothing is signed, as providers document them. */
export const PLAIN_EXCHANGES: readonly Exchange[] = [
  {
    name: 'Zoom server-to-server',
    input: {
      tokenUrl: 'https://zoom.us/oauth/token',
      grantType: 'account_credentials',
      credentials: { ...client, fields: { account_id: new Secret('acc-1') } },
      request: { parametersByGrant: { account_credentials: { account_id: '{credential.account_id}' } } },
    },
    headers: { authorization: basic() },
    body: 'grant_type=account_credentials&account_id=acc-1',
  },
  {
    name: 'Box client credentials',
    input: {
      tokenUrl: 'https://api.box.com/oauth2/token',
      credentials: { ...client, fields: { enterprise_id: new Secret('99') } },
      request: {
        ...POST,
        parameters: { box_subject_type: 'enterprise', box_subject_id: '{credential.enterprise_id}' },
      },
    },
    body: `grant_type=client_credentials&client_id=client-1&client_secret=${SECRET}&box_subject_type=enterprise&box_subject_id=99`,
  },
  {
    name: 'Shopify',
    input: {
      tokenUrl: 'https://acme.myshopify.com/admin/oauth/access_token',
      request: POST,
      credentials: client,
    },
    body: `grant_type=client_credentials&client_id=client-1&client_secret=${SECRET}`,
  },
  {
    name: 'Amazon LWA, which is asked for no scope on refresh',
    input: {
      tokenUrl: 'https://api.amazon.com/auth/o2/token',
      grantType: REFRESH_TOKEN,
      refresh_token: fakeSecret('refresh'),
      credentials: client,
      request: { ...POST, defaultScope: 'sellingpartnerapi::notifications' },
    },
    body: `grant_type=refresh_token&refresh_token=${canarySecret('refresh')}&client_id=client-1&client_secret=${SECRET}`,
  },
  {
    name: 'Amazon LWA without a seller',
    input: {
      tokenUrl: 'https://api.amazon.com/auth/o2/token',
      credentials: client,
      request: { ...POST, defaultScope: 'sellingpartnerapi::notifications' },
    },
    body: `grant_type=client_credentials&scope=${enc('sellingpartnerapi::notifications')}&client_id=client-1&client_secret=${SECRET}`,
  },
  {
    name: 'Adobe IMS',
    input: {
      tokenUrl: 'https://ims-na1.adobelogin.com/ims/token/v3',
      scope: 'openid AdobeID',
      credentials: client,
      request: { ...POST, scopeSeparator: ',' },
    },
    body: `grant_type=client_credentials&scope=openid%2CAdobeID&client_id=client-1&client_secret=${SECRET}`,
  },
  {
    name: 'ServiceNow client credentials',
    input: { tokenUrl: 'https://acme.service-now.com/oauth_token.do', credentials: client, request: POST },
    body: `grant_type=client_credentials&client_id=client-1&client_secret=${SECRET}`,
  },
  {
    name: 'Workday, with a scheme of its own',
    input: {
      tokenUrl: 'https://wd2.myworkday.com/ccx/oauth2/acme/token',
      credentials: client,
      request: { basicScheme: 'ID', parameters: { tenant_alias: 'acme' } },
    },
    headers: { authorization: basic('ID') },
    body: 'grant_type=client_credentials&tenant_alias=acme',
  },
  {
    name: 'Workday, with a refresh token that does not end',
    input: {
      tokenUrl: 'https://wd2.myworkday.com/ccx/oauth2/acme/token',
      grantType: REFRESH_TOKEN,
      refresh_token: fakeSecret('refresh'),
      credentials: client,
    },
    headers: { authorization: basic() },
    body: `grant_type=refresh_token&refresh_token=${canarySecret('refresh')}`,
  },
  {
    name: 'SAP SuccessFactors, with a stored SAML assertion',
    input: {
      tokenUrl: 'https://api.successfactors.example/oauth/token',
      grantType: SAML2_BEARER,
      credentials: { client_id: 'api-key', fields: { assertion: new Secret('PHNhbWw+') } },
      request: { ...NONE, parameters: { company_id: 'acme', new_token: 'true' } },
    },
    body: `grant_type=${enc(SAML2_BEARER)}&assertion=PHNhbWw%2B&client_id=api-key&company_id=acme&new_token=true`,
  },
  {
    name: 'a token exchange of a stored token',
    input: {
      tokenUrl: 'https://sts.example.com/token',
      grantType: TOKEN_EXCHANGE,
      credentials: { ...client, fields: { subject_token: fakeSecret('subject') } },
      request: { parameters: { subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' } },
    },
    headers: { authorization: basic() },
    body: `grant_type=${enc(TOKEN_EXCHANGE)}&subject_token_type=${enc('urn:ietf:params:oauth:token-type:access_token')}&subject_token=${canarySecret('subject')}`,
  },
  {
    name: 'Google workload identity, with a token of the role’s own',
    input: {
      tokenUrl: 'https://sts.googleapis.com/v1/token',
      grantType: TOKEN_EXCHANGE,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      credentials: {},
      identity: identityRulesSchema.parse({ use: 'subject', audience: '//iam.googleapis.com/pool' }),
      request: { ...NONE, parameters: { audience: '//iam.googleapis.com/pool' } },
    },
    body: `grant_type=${enc(TOKEN_EXCHANGE)}&subject_token_type=${enc('urn:ietf:params:oauth:token-type:jwt')}&subject_token=${enc('aws-token-for.//iam.googleapis.com/pool')}&scope=${enc('https://www.googleapis.com/auth/cloud-platform')}&audience=${enc('//iam.googleapis.com/pool')}`,
  },
  {
    name: 'Entra federated credentials, with a token of the role’s own',
    input: {
      tokenUrl: 'https://login.microsoftonline.com/tenant-1/oauth2/v2.0/token',
      scope: 'https://graph.microsoft.com/.default',
      credentials: { client_id: 'app-1' },
      identity: identityRulesSchema.parse({ use: 'client', audience: 'api://AzureADTokenExchange' }),
    },
    body: `grant_type=client_credentials&scope=${enc('https://graph.microsoft.com/.default')}&client_id=app-1&client_assertion_type=${enc('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')}&client_assertion=${enc('aws-token-for.api://AzureADTokenExchange')}`,
  },
  {
    name: 'a grant that is a token of the role’s own',
    input: {
      tokenUrl: 'https://idp.example.com/token',
      grantType: JWT_BEARER,
      credentials: {},
      identity: identityRulesSchema.parse({ use: 'grant', audience: 'api' }),
    },
    body: `grant_type=${enc(JWT_BEARER)}&assertion=aws-token-for.api`,
  },
];
