// Made from functions/providers/*.json by "npm run generate".
import type { Provider } from './constructs/connection-options.ts';

/** The providers whose behaviour is known. Where their URLs differ by customer, an entry is a function. */
export const presets = {
  /** Adobe (server-to-server): https://developer.adobe.com/developer-console/docs/guides/authentication/ServerToServerAuthentication/ */
  adobeIms: {
    provider: 'adobe-ims',
  } satisfies Provider,
  /** ADP: https://developers.adp.com/ */
  adp: {
    provider: 'adp',
  } satisfies Provider,
  /** Amadeus for Developers: https://developers.amadeus.com/self-service/apis-docs/guides/authorization */
  amadeus: (placeholders: {
    /** Which of Amadeus’s environments; "production" where it is absent. */
    readonly environment?: 'production' | 'test';
  } = {}): Provider => ({
    provider: 'amadeus',
    placeholders,
  }),
  /** Amazon Ads: https://developer.amazon.com/docs/amazon-data-portability/use-refresh-token.html */
  amazonAds: (placeholders: {
    /** The region of the advertiser: North America, Europe or Far East; "na" where it is absent. */
    readonly region?: 'na' | 'eu' | 'fe';
  } = {}): Provider => ({
    provider: 'amazon-ads',
    placeholders,
  }),
  /** Amazon Selling Partner API: https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api */
  amazonLwa: (placeholders: {
    /** The region of the selling partner: North America, Europe or Far East; "na" where it is absent. */
    readonly region?: 'na' | 'eu' | 'fe';
  } = {}): Provider => ({
    provider: 'amazon-lwa',
    placeholders,
  }),
  /** App Store Connect: https://developer.apple.com/documentation/appstoreconnectapi/generating-tokens-for-api-requests */
  appStoreConnect: {
    provider: 'app-store-connect',
  } satisfies Provider,
  /** Asana: https://developers.asana.com/docs/oauth */
  asana: {
    provider: 'asana',
  } satisfies Provider,
  /** athenahealth: https://docs.athenahealth.com/api/ */
  athenahealth: (placeholders: {
    /** Production or preview; "production" where it is absent. */
    readonly environment?: 'production' | 'preview';
  } = {}): Provider => ({
    provider: 'athenahealth',
    placeholders,
  }),
  /** Atlassian Cloud: https://developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens */
  atlassian: {
    provider: 'atlassian',
  } satisfies Provider,
  /** Auth0: https://auth0.com/docs/api/authentication */
  auth0: (placeholders: {
    /** What stands before .auth0.com, with the region where there is one, e.g. "acme.eu". */
    readonly tenant: string;
  }): Provider => ({
    provider: 'auth0',
    placeholders,
  }),
  /** authentik: https://docs.goauthentik.io/add-secure-apps/providers/oauth2/machine_to_machine/ */
  authentik: (placeholders: {
    /** The host of authentik, e.g. "auth.example.com". */
    readonly host: string;
  }): Provider => ({
    provider: 'authentik',
    placeholders,
  }),
  /** Autodesk Platform Services: https://aps.autodesk.com/en/docs/oauth/v2/reference/http/gettoken-POST/ */
  autodeskAps: {
    provider: 'autodesk-aps',
  } satisfies Provider,
  /** Availity: https://developer.availity.com/blog/2025/3/25/availity-api-guide */
  availity: {
    provider: 'availity',
  } satisfies Provider,
  /** BambooHR: https://documentation.bamboohr.com/docs/getting-started */
  bamboohr: (placeholders: {
    /** What stands before .bamboohr.com, e.g. "acme". */
    readonly companyDomain: string;
  }): Provider => ({
    provider: 'bamboohr',
    placeholders,
  }),
  /** Box (server): https://developer.box.com/guides/authentication/tokens/access-tokens/ */
  box: (placeholders: {
    /** Whether tokens are those of the app’s service account or of one user; "enterprise" where it is absent. */
    readonly subjectType?: 'enterprise' | 'user';
    /** The enterprise ID, or the ID of the user, e.g. "1234567". */
    readonly subjectId: string;
  }): Provider => ({
    provider: 'box',
    placeholders,
  }),
  /** Box (user): https://developer.box.com/guides/authentication/tokens/refresh */
  boxUser: {
    provider: 'box-user',
  } satisfies Provider,
  /** Bullhorn: https://bullhorn.github.io/Getting-Started-with-REST */
  bullhorn: (placeholders: {
    /** The first part of the host in the oauthUrl that loginInfo answers for the API user, e.g. "auth-east". */
    readonly dataCenter: string;
  }): Provider => ({
    provider: 'bullhorn',
    placeholders,
  }),
  /** Clover: https://docs.clover.com/dev/docs/use-refresh-token-to-generate-new-expiring-token */
  clover: (placeholders: {
    /** Where the merchants are; "north-america" where it is absent. */
    readonly region?: 'north-america' | 'europe' | 'latin-america' | 'sandbox';
    /** Where merchants sign in: the same as the region; "north-america" where it is absent. */
    readonly signIn?: 'north-america' | 'europe' | 'latin-america' | 'sandbox';
  } = {}): Provider => ({
    provider: 'clover',
    placeholders,
  }),
  /** Amazon Cognito: https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html */
  cognito: (placeholders: {
    /** The prefix of the user pool’s domain, e.g. "acme". */
    readonly domainPrefix: string;
    /** The Region of the user pool, e.g. "eu-central-1". */
    readonly region: string;
  }): Provider => ({
    provider: 'cognito',
    placeholders,
  }),
  /** commercetools: https://docs.commercetools.com/api/authorization */
  commercetools: (placeholders: {
    /** The region of the project, e.g. "europe-west1". */
    readonly region: string;
    /** Who runs the region: Google Cloud or AWS; "gcp" where it is absent. */
    readonly cloud?: 'gcp' | 'aws';
  }): Provider => ({
    provider: 'commercetools',
    placeholders,
  }),
  /** Companies House (UK): https://developer-specs.company-information.service.gov.uk/companies-house-identity-service/guides/ServerWeb */
  companiesHouse: {
    provider: 'companies-house',
  } satisfies Provider,
  /** Constant Contact: https://developer.constantcontact.com/api_guide/server_flow.html */
  constantContact: {
    provider: 'constant-contact',
  } satisfies Provider,
  /** CrowdStrike Falcon: https://falcon.crowdstrike.com/documentation */
  crowdstrike: (placeholders: {
    /** The cloud in which the Falcon account lives; "us-1" where it is absent. */
    readonly cloud?: 'us-1' | 'us-2' | 'eu-1' | 'us-gov-1';
  } = {}): Provider => ({
    provider: 'crowdstrike',
    placeholders,
  }),
  /** Curity Identity Server: https://curity.io/resources/learn/client-credentials/ */
  curity: (placeholders: {
    /** The host of the Curity Identity Server, e.g. "login.example.com". */
    readonly host: string;
  }): Provider => ({
    provider: 'curity',
    placeholders,
  }),
  /** Databricks: https://docs.databricks.com/dev-tools/auth/oauth-m2m */
  databricks: (placeholders: {
    /** The host of the workspace, e.g. "dbc-a1b2345c-d6e7.cloud.databricks.com". */
    readonly workspaceHost: string;
  }): Provider => ({
    provider: 'databricks',
    placeholders,
  }),
  /** Databricks (workload identity federation): https://docs.databricks.com/aws/dev-tools/auth/oauth-federation-exchange */
  databricksWorkloadIdentity: (placeholders: {
    /** The host of the workspace, e.g. "dbc-a1b2345c-d6e7.cloud.databricks.com". */
    readonly workspaceHost: string;
    /** The audience that the federation policy expects, e.g. "databricks"; "databricks" where it is absent. */
    readonly audience?: string;
  }): Provider => ({
    provider: 'databricks-workload-identity',
    placeholders,
  }),
  /** DATEV: https://developer.datev.de/datev/platform/en/node/40368 */
  datev: (placeholders: {
    /** Production or the sandbox; "production" where it is absent. */
    readonly environment?: 'production' | 'sandbox';
    /** The login page: that of production or of the sandbox; "production" where it is absent. */
    readonly login?: 'production' | 'sandbox';
  } = {}): Provider => ({
    provider: 'datev',
    placeholders,
  }),
  /** Discord: https://discord.com/developers/docs/topics/oauth2 */
  discord: {
    provider: 'discord',
  } satisfies Provider,
  /** Docusign: https://developers.docusign.com/platform/auth/ */
  docusign: (placeholders: {
    /** Production, or the developer account; "production" where it is absent. */
    readonly environment?: 'production' | 'demo';
  } = {}): Provider => ({
    provider: 'docusign',
    placeholders,
  }),
  /** Dropbox: https://developers.dropbox.com/oauth-guide */
  dropbox: {
    provider: 'dropbox',
  } satisfies Provider,
  /** eBay: https://developer.ebay.com/api-docs/static/oauth-refresh-token-request.html */
  ebay: (placeholders: {
    /** Production or sandbox; "production" where it is absent. */
    readonly environment?: 'production' | 'sandbox';
  } = {}): Provider => ({
    provider: 'ebay',
    placeholders,
  }),
  /** Epic (backend services): https://fhir.epic.com/Documentation?docId=oauth2&section=BackendOAuth2Guide */
  epic: (placeholders: {
    /** The host of the organization’s Epic server, as its FHIR address has it, e.g. "fhir.epic.com". */
    readonly host: string;
    /** The first part of the path in its FHIR address, e.g. "interconnect-fhir-oauth"; "interconnect-fhir-oauth" where it is absent. */
    readonly instance?: string;
  }): Provider => ({
    provider: 'epic',
    placeholders,
  }),
  /** Exact Online: https://support.exactonline.com/community/s/knowledge-base#All-All-DNO-Content-oauth-eol-oauth-dev-step4 */
  exactOnline: (placeholders: {
    /** The country of the Exact Online account; "nl" where it is absent. */
    readonly country?: 'nl' | 'be' | 'de' | 'fr' | 'es' | 'uk' | 'us';
  } = {}): Provider => ({
    provider: 'exact-online',
    placeholders,
  }),
  /** FedEx: https://developer.fedex.com/api/en-us/catalog/authorization/docs.html */
  fedex: (placeholders: {
    /** Production or sandbox; "production" where it is absent. */
    readonly environment?: 'production' | 'sandbox';
  } = {}): Provider => ({
    provider: 'fedex',
    placeholders,
  }),
  /** Fortnox: https://www.fortnox.se/developer/authorization/get-refresh-token */
  fortnox: {
    provider: 'fortnox',
  } satisfies Provider,
  /** Fortnox (service account): https://www.fortnox.se/developer/authorization/get-access-token-using-client-credentials */
  fortnoxClientCredentials: (placeholders: {
    /** The tenant ID of the customer: DatabaseNumber of its company information, e.g. "123456". */
    readonly tenantId: string;
  }): Provider => ({
    provider: 'fortnox-client-credentials',
    placeholders,
  }),
  /** FreeAgent: https://dev.freeagent.com/docs/oauth */
  freeagent: (placeholders: {
    /** Production or the sandbox; "production" where it is absent. */
    readonly environment?: 'production' | 'sandbox';
  } = {}): Provider => ({
    provider: 'freeagent',
    placeholders,
  }),
  /** FreshBooks: https://www.freshbooks.com/api/authentication */
  freshbooks: {
    provider: 'freshbooks',
  } satisfies Provider,
  /** Genesys Cloud: https://developer.genesys.cloud/authorization/platform-auth/use-client-credentials */
  genesysCloud: (placeholders: {
    /** The domain of the region, e.g. "mypurecloud.com". */
    readonly region: string;
  }): Provider => ({
    provider: 'genesys-cloud',
    placeholders,
  }),
  /** GitHub App (installation): https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app */
  githubAppInstallation: (placeholders: {
    /** The number at the end of the installation’s page, e.g. "12345678". */
    readonly installationId: string;
  }): Provider => ({
    provider: 'github-app-installation',
    placeholders,
  }),
  /** GitHub App (user): https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens */
  githubAppUser: {
    provider: 'github-app-user',
  } satisfies Provider,
  /** GitLab: https://docs.gitlab.com/api/oauth2/ */
  gitlab: (placeholders: {
    /** The host of GitLab, e.g. "gitlab.com"; "gitlab.com" where it is absent. */
    readonly host?: string;
    /** The redirect URI with which the application is registered, e.g. "https://example.com/callback". */
    readonly redirectUri: string;
  }): Provider => ({
    provider: 'gitlab',
    placeholders,
  }),
  /** Gong: https://help.gong.io/docs/create-an-app-for-gong */
  gong: {
    provider: 'gong',
  } satisfies Provider,
  /** Google (user): https://developers.google.com/identity/protocols/oauth2 */
  google: {
    provider: 'google',
  } satisfies Provider,
  /** Google Ads (user): https://developers.google.com/google-ads/api/rest/auth */
  googleAds: {
    provider: 'google-ads',
  } satisfies Provider,
  /** Google (service account): https://developers.google.com/identity/protocols/oauth2/service-account */
  googleServiceAccount: {
    provider: 'google-service-account',
  } satisfies Provider,
  /** Google Cloud (workload identity federation): https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token */
  googleWorkloadIdentity: (placeholders: {
    /** The number of the project that holds the pool, e.g. "123456789012". */
    readonly projectNumber: string;
    /** The ID of the workload identity pool, e.g. "aws-pool". */
    readonly pool: string;
    /** The ID of the pool’s OIDC provider, e.g. "aws-sts". */
    readonly provider: string;
  }): Provider => ({
    provider: 'google-workload-identity',
    placeholders,
  }),
  /** Google Workspace (delegated service account): https://developers.google.com/identity/protocols/oauth2/service-account */
  googleWorkspaceDelegation: (placeholders: {
    /** The e-mail address of the user for whom the service account acts, e.g. "ada@example.com". */
    readonly subject: string;
  }): Provider => ({
    provider: 'google-workspace-delegation',
    placeholders,
  }),
  /** Greenhouse (Harvest v3): https://harvestdocs.greenhouse.io/docs/authentication */
  greenhouse: {
    provider: 'greenhouse',
  } satisfies Provider,
  /** Guesty Open API: https://open-api-docs.guesty.com/docs/authentication */
  guesty: {
    provider: 'guesty',
  } satisfies Provider,
  /** Gusto: https://docs.gusto.com/embedded-payroll/docs/oauth2 */
  gusto: (placeholders: {
    /** Production or demo; "production" where it is absent. */
    readonly environment?: 'production' | 'demo';
    /** The redirect URI with which the application is registered, e.g. "https://example.com/callback". */
    readonly redirectUri: string;
  }): Provider => ({
    provider: 'gusto',
    placeholders,
  }),
  /** HiBob: https://apidocs.hibob.com/reference/oauth-20 */
  hibob: {
    provider: 'hibob',
  } satisfies Provider,
  /** HubSpot: https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens */
  hubspot: {
    provider: 'hubspot',
  } satisfies Provider,
  /** Instagram (business login): https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login */
  instagram: {
    provider: 'instagram',
  } satisfies Provider,
  /** Kajabi: https://developers.kajabi.com/api-reference/authentication/get-access-token */
  kajabi: {
    provider: 'kajabi',
  } satisfies Provider,
  /** Keycloak: https://www.keycloak.org/securing-apps/oidc-layers */
  keycloak: (placeholders: {
    /** The host of Keycloak, with a port where there is one, e.g. "id.example.com". */
    readonly host: string;
    /** The name of the realm, e.g. "acme". */
    readonly realm: string;
  }): Provider => ({
    provider: 'keycloak',
    placeholders,
  }),
  /** Klaviyo: https://developers.klaviyo.com/en/docs/set_up_oauth */
  klaviyo: {
    provider: 'klaviyo',
  } satisfies Provider,
  /** Lightspeed Retail (X-Series): https://x-series-api.lightspeedhq.com/docs/authorization */
  lightspeedRetail: (placeholders: {
    /** The retailer’s part of the host, e.g. "acme". */
    readonly domainPrefix: string;
  }): Provider => ({
    provider: 'lightspeed-retail',
    placeholders,
  }),
  /** LinkedIn: https://learn.microsoft.com/linkedin/shared/authentication/programmatic-refresh-tokens */
  linkedin: {
    provider: 'linkedin',
  } satisfies Provider,
  /** Adobe Marketo Engage: https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/authentication */
  marketo: (placeholders: {
    /** The Munchkin account ID, e.g. "123-abc-456". */
    readonly munchkinId: string;
  }): Provider => ({
    provider: 'marketo',
    placeholders,
  }),
  /** Meta (Facebook): https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived */
  meta: (placeholders: {
    /** The version of the Graph API, e.g. "v24.0". */
    readonly version: string;
  }): Provider => ({
    provider: 'meta',
    placeholders,
  }),
  /** Microsoft Advertising: https://learn.microsoft.com/advertising/guides/authentication-oauth-get-tokens */
  microsoftAds: (placeholders: {
    /** Who may sign in: common for personal and work accounts, or the ID of a directory, e.g. "common"; "common" where it is absent. */
    readonly tenant?: string;
  } = {}): Provider => ({
    provider: 'microsoft-ads',
    placeholders,
  }),
  /** Microsoft Entra ID: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
  microsoftEntraId: (placeholders: {
    /** The ID of the directory (tenant), or one of its domains, e.g. "contoso.onmicrosoft.com". */
    readonly tenant: string;
    /** Which of Microsoft’s clouds; "global" where it is absent. */
    readonly cloud?: 'global' | 'us-government' | 'china';
  }): Provider => ({
    provider: 'microsoft-entra-id',
    placeholders,
  }),
  /** MYOB Business: https://developer.myob.com/api/myob-business-api/api-overview/authentication/ */
  myob: {
    provider: 'myob',
  } satisfies Provider,
  /** NetSuite (user): https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_160855590788.html */
  netsuite: (placeholders: {
    /** The account ID as host names have it, in lower case with a hyphen, e.g. "1234567-sb1". */
    readonly accountId: string;
  }): Provider => ({
    provider: 'netsuite',
    placeholders,
  }),
  /** NetSuite (certificate): https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_162755359851.html */
  netsuiteM2m: (placeholders: {
    /** The account ID as host names have it, in lower case with a hyphen, e.g. "1234567-sb1". */
    readonly accountId: string;
  }): Provider => ({
    provider: 'netsuite-m2m',
    placeholders,
  }),
  /** Notion: https://developers.notion.com/reference/refresh-a-token */
  notion: {
    provider: 'notion',
  } satisfies Provider,
  /** Okta (custom authorization server): https://developer.okta.com/docs/guides/refresh-tokens/main/ */
  okta: (placeholders: {
    /** The Okta domain, e.g. "acme.okta.com". */
    readonly domain: string;
    /** The ID of the authorization server, e.g. "default"; "default" where it is absent. */
    readonly authorizationServerId?: string;
  }): Provider => ({
    provider: 'okta',
    placeholders,
  }),
  /** Okta (org authorization server): https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/ */
  oktaOrg: (placeholders: {
    /** The Okta domain, e.g. "acme.okta.com". */
    readonly domain: string;
  }): Provider => ({
    provider: 'okta-org',
    placeholders,
  }),
  /** OneLogin (API): https://developers.onelogin.com/api-docs/2/oauth20-tokens/generate-tokens-2 */
  onelogin: (placeholders: {
    /** The account’s part of the host, e.g. "acme". */
    readonly subdomain: string;
  }): Provider => ({
    provider: 'onelogin',
    placeholders,
  }),
  /** Oracle Health (Cerner Millennium): https://docs.oracle.com/en/industries/health/millennium-platform-apis/mfrap/index.html */
  oracleHealthCerner: (placeholders: {
    /** The tenant’s ID, as its FHIR address has it, e.g. "ec2458f2-1e24-41c8-b71b-0e701af7583d". */
    readonly tenantId: string;
    /** Production or the sandbox; "production" where it is absent. */
    readonly fhirHost?: 'production' | 'sandbox';
  }): Provider => ({
    provider: 'oracle-health-cerner',
    placeholders,
  }),
  /** Oracle identity domains (OCI IAM, Fusion Applications): https://docs.oracle.com/en-us/iaas/Content/Identity/api-getstarted/OATOAuthClientWebApp.htm */
  oracleIdentityDomains: (placeholders: {
    /** What stands before .identity.oraclecloud.com in the URL of the identity domain, e.g. "idcs-0123456789abcdef0123456789abcdef". */
    readonly domain: string;
  }): Provider => ({
    provider: 'oracle-identity-domains',
    placeholders,
  }),
  /** Ory Hydra and Ory Network: https://www.ory.com/docs/oauth2-oidc/client-credentials */
  oryHydra: (placeholders: {
    /** The host of the project at Ory Network, or of Hydra’s public endpoints, e.g. "acme.projects.oryapis.com". */
    readonly host: string;
  }): Provider => ({
    provider: 'ory-hydra',
    placeholders,
  }),
  /** Outreach: https://developers.outreach.io/api/oauth/ */
  outreach: {
    provider: 'outreach',
  } satisfies Provider,
  /** Paylocity: https://developer.paylocity.com/integrations/reference/authentication */
  paylocity: (placeholders: {
    /** Production or testing; "production" where it is absent. */
    readonly environment?: 'production' | 'testing';
  } = {}): Provider => ({
    provider: 'paylocity',
    placeholders,
  }),
  /** PayPal: https://developer.paypal.com/api/rest/authentication/ */
  paypal: (placeholders: {
    /** Live or sandbox; "live" where it is absent. */
    readonly environment?: 'live' | 'sandbox';
  } = {}): Provider => ({
    provider: 'paypal',
    placeholders,
  }),
  /** Pennylane: https://pennylane.readme.io/docs/oauth-20-walkthrough */
  pennylane: {
    provider: 'pennylane',
  } satisfies Provider,
  /** Personio: https://developer.personio.de/reference/auth */
  personio: {
    provider: 'personio',
  } satisfies Provider,
  /** PingOne: https://apidocs.pingidentity.com/pingone/auth/v1/api/ */
  pingone: (placeholders: {
    /** The region of the environment. */
    readonly region: 'na' | 'ca' | 'eu' | 'asia' | 'au' | 'sg';
    /** The ID of the environment, e.g. "11111111-2222-4333-8444-555555555555". */
    readonly environmentId: string;
  }): Provider => ({
    provider: 'pingone',
    placeholders,
  }),
  /** Pinterest: https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/ */
  pinterest: {
    provider: 'pinterest',
  } satisfies Provider,
  /** Pipedrive: https://developers.pipedrive.com/docs/api/v1/Oauth */
  pipedrive: {
    provider: 'pipedrive',
  } satisfies Provider,
  /** Procore: https://developers.procore.com/documentation/oauth-endpoints */
  procore: (placeholders: {
    /** Production or sandbox; "production" where it is absent. */
    readonly environment?: 'production' | 'sandbox';
  } = {}): Provider => ({
    provider: 'procore',
    placeholders,
  }),
  /** Intuit QuickBooks Online: https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/faq */
  quickbooks: {
    provider: 'quickbooks',
  } satisfies Provider,
  /** Reddit: https://github.com/reddit-archive/reddit/wiki/OAuth2 */
  reddit: (placeholders: {
    /** How your app names itself to Reddit: platform, app ID, version and user, e.g. "linux:com.example.sync:v1.0 (by /u/example)". */
    readonly userAgent: string;
  }): Provider => ({
    provider: 'reddit',
    placeholders,
  }),
  /** RingCentral: https://developers.ringcentral.com/guide/authentication/refresh-tokens */
  ringcentral: {
    provider: 'ringcentral',
  } satisfies Provider,
  /** Rippling (app): https://developer.rippling.com/documentation/distribute/guides/installation */
  rippling: {
    provider: 'rippling',
  } satisfies Provider,
  /** Sage Accounting: https://developer.sage.com/accounting/guides/authenticating/authentication/ */
  sageAccounting: {
    provider: 'sage-accounting',
  } satisfies Provider,
  /** Sage Intacct: https://developer.sage.com/intacct/docs/developer-portal/guides/oauth2 */
  sageIntacct: {
    provider: 'sage-intacct',
  } satisfies Provider,
  /** Salesforce: https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_refresh_token_flow.htm */
  salesforce: (placeholders: {
    /** What stands before .my.salesforce.com in the address of the org, e.g. "acme". */
    readonly domain: string;
    /** Whom a JWT is for: production, or sandboxes; "production" where it is absent. */
    readonly audience?: 'production' | 'sandbox';
  }): Provider => ({
    provider: 'salesforce',
    placeholders,
  }),
  /** Salesloft: https://developers.salesloft.com/docs/platform/api-basics/oauth-authentication/ */
  salesloft: {
    provider: 'salesloft',
  } satisfies Provider,
  /** SAP Ariba: https://help.sap.com/doc/b61dd8c7e22c4fe489f191f66b4c48d6/cloud/en-US/3d34d35d44ea4c319c5bc162a3bb21cf.html */
  sapAriba: (placeholders: {
    /** What stands before .ariba.com in the OAuth server’s URL, which the discovery page of each API shows, e.g. "api"; "api" where it is absent. */
    readonly host?: string;
  } = {}): Provider => ({
    provider: 'sap-ariba',
    placeholders,
  }),
  /** SAP Concur: https://developer.concur.com/api-reference/authentication/apidoc.html */
  sapConcur: (placeholders: {
    /** What stands before .api.concursolutions.com in the geolocation that came with the refresh token, e.g. "us". */
    readonly geolocation: string;
  }): Provider => ({
    provider: 'sap-concur',
    placeholders,
  }),
  /** SAP SuccessFactors: https://userapps.support.sap.com/sap/support/knowledge/en/3462403 */
  sapSuccessfactors: (placeholders: {
    /** The API server of the data centre, e.g. "api4.successfactors.com". */
    readonly apiServer: string;
    /** The ID of the company, in its own upper and lower case, e.g. "SFSALES012345". */
    readonly companyId: string;
  }): Provider => ({
    provider: 'sap-successfactors',
    placeholders,
  }),
  /** SAP BTP (XSUAA): https://help.sap.com/docs/btp */
  sapXsuaa: (placeholders: {
    /** The subdomain of the subaccount, e.g. "acme". */
    readonly subdomain: string;
    /** The landscape of the subaccount, e.g. "eu10". */
    readonly region: string;
  }): Provider => ({
    provider: 'sap-xsuaa',
    placeholders,
  }),
  /** Twilio Segment: https://www.twilio.com/docs/segment/connections/oauth */
  segment: (placeholders: {
    /** The region of the workspace; "us" where it is absent. */
    readonly region?: 'us' | 'eu';
  } = {}): Provider => ({
    provider: 'segment',
    placeholders,
  }),
  /** ServiceNow: https://www.servicenow.com/docs/ */
  servicenow: (placeholders: {
    /** The name of the instance, e.g. "acme". */
    readonly instance: string;
  }): Provider => ({
    provider: 'servicenow',
    placeholders,
  }),
  /** Shopify (expiring offline tokens): https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens */
  shopify: (placeholders: {
    /** What stands before .myshopify.com, e.g. "acme". */
    readonly shop: string;
  }): Provider => ({
    provider: 'shopify',
    placeholders,
  }),
  /** Shopify (app of the own organisation): https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant */
  shopifyClientCredentials: (placeholders: {
    /** What stands before .myshopify.com, e.g. "acme". */
    readonly shop: string;
  }): Provider => ({
    provider: 'shopify-client-credentials',
    placeholders,
  }),
  /** Slack (token rotation): https://docs.slack.dev/authentication/using-token-rotation */
  slack: {
    provider: 'slack',
  } satisfies Provider,
  /** SlashID: https://developer.slashid.dev/docs/api/post-oauth-2-tokens */
  slashid: {
    provider: 'slashid',
  } satisfies Provider,
  /** Snapchat Ads: https://developers.snap.com/api/marketing-api/Ads-API/authentication */
  snapchatAds: {
    provider: 'snapchat-ads',
  } satisfies Provider,
  /** Snowflake (OAuth): https://docs.snowflake.com/en/user-guide/oauth-custom */
  snowflake: (placeholders: {
    /** The account identifier, as in its host name, e.g. "myorg-myaccount". */
    readonly account: string;
  }): Provider => ({
    provider: 'snowflake',
    placeholders,
  }),
  /** Snowflake (key pair): https://docs.snowflake.com/en/developer-guide/sql-api/authenticating */
  snowflakeKeyPair: (placeholders: {
    /** The account identifier in capitals; of an account locator without its region, e.g. "MYORG-MYACCOUNT". */
    readonly account: string;
    /** The name of the Snowflake user, in capitals, e.g. "SVC_ETL". */
    readonly user: string;
  }): Provider => ({
    provider: 'snowflake-key-pair',
    placeholders,
  }),
  /** Snowflake (workload identity federation): https://docs.snowflake.com/en/user-guide/workload-identity-federation */
  snowflakeWorkloadIdentity: (placeholders: {
    /** The account identifier, as in its host name, e.g. "myorg-myaccount". */
    readonly account: string;
  }): Provider => ({
    provider: 'snowflake-workload-identity',
    placeholders,
  }),
  /** Sophos Central: https://community.sophos.com/sophos-central-api/f/recommended-reads/120745/authenticating-to-sophos-central-apis */
  sophosCentral: {
    provider: 'sophos-central',
  } satisfies Provider,
  /** Spotify: https://developer.spotify.com/documentation/web-api/tutorials/refreshing-tokens */
  spotify: {
    provider: 'spotify',
  } satisfies Provider,
  /** Square: https://developer.squareup.com/reference/square/o-auth/obtain-token */
  square: (placeholders: {
    /** Production or sandbox; "production" where it is absent. */
    readonly environment?: 'production' | 'sandbox';
  } = {}): Provider => ({
    provider: 'square',
    placeholders,
  }),
  /** Strava: https://developers.strava.com/docs/authentication/ */
  strava: {
    provider: 'strava',
  } satisfies Provider,
  /** Stripe Apps: https://docs.stripe.com/stripe-apps/api-authentication/oauth */
  stripeApps: {
    provider: 'stripe-apps',
  } satisfies Provider,
  /** Stripe Connect (standard accounts): https://docs.stripe.com/connect/oauth-reference */
  stripeConnect: {
    provider: 'stripe-connect',
  } satisfies Provider,
  /** Threads: https://developers.facebook.com/docs/threads/get-started/long-lived-tokens */
  threads: {
    provider: 'threads',
  } satisfies Provider,
  /** TikTok: https://developers.tiktok.com/doc/oauth-user-access-token-management */
  tiktok: {
    provider: 'tiktok',
  } satisfies Provider,
  /** Toast: https://doc.toasttab.com/doc/devguide/authentication.html */
  toast: (placeholders: {
    /** The first part of the host name of the Toast API that belongs to the credentials, e.g. "ws-api"; "ws-api" where it is absent. */
    readonly apiHost?: string;
  } = {}): Provider => ({
    provider: 'toast',
    placeholders,
  }),
  /** Twilio (OAuth apps): https://www.twilio.com/docs/iam/oauth-apps/oauth-access-token */
  twilio: {
    provider: 'twilio',
  } satisfies Provider,
  /** Twinfield: https://developers.twinfield.com/documentation/api/authentication/openid-connect-auth */
  twinfield: {
    provider: 'twinfield',
  } satisfies Provider,
  /** Twitch: https://dev.twitch.tv/docs/authentication/refresh-tokens/ */
  twitch: {
    provider: 'twitch',
  } satisfies Provider,
  /** Uber: https://developer.uber.com/docs/consumer-identity/guides/client-credentials-flow */
  uber: {
    provider: 'uber',
  } satisfies Provider,
  /** UKG Pro: https://developer.ukg.com/proplatform/docs/obtaining-bearer-tokens */
  ukgPro: (placeholders: {
    /** The first part of the host of the Generate Token URL in the Developer Console, e.g. "welcome-us"; "welcome-us" where it is absent. */
    readonly tokenHost?: string;
  } = {}): Provider => ({
    provider: 'ukg-pro',
    placeholders,
  }),
  /** UPS: https://developer.ups.com/tag/OAuth-Client-Credentials */
  ups: (placeholders: {
    /** Production, or the customer integration environment; "production" where it is absent. */
    readonly environment?: 'production' | 'test';
    /** The six characters of the UPS account number, e.g. "A1B2C3". */
    readonly merchantId: string;
  }): Provider => ({
    provider: 'ups',
    placeholders,
  }),
  /** USPS: https://developers.usps.com/getting-started */
  usps: (placeholders: {
    /** Production, or the testing environment for mailers; "production" where it is absent. */
    readonly environment?: 'production' | 'testing';
  } = {}): Provider => ({
    provider: 'usps',
    placeholders,
  }),
  /** Walmart Marketplace: https://developer.walmart.com/us-marketplace/docs/get-an-access-token */
  walmartMarketplace: (placeholders: {
    /** Production or the sandbox; "production" where it is absent. */
    readonly environment?: 'production' | 'sandbox';
  } = {}): Provider => ({
    provider: 'walmart-marketplace',
    placeholders,
  }),
  /** Cisco Webex: https://developer.webex.com/docs/integrations */
  webex: {
    provider: 'webex',
  } satisfies Provider,
  /** Workday: https://community.workday.com/ */
  workday: (placeholders: {
    /** The host of the tenant’s web services, e.g. "wd2-impl-services1.workday.com". */
    readonly host: string;
    /** The name of the tenant, e.g. "acme". */
    readonly tenant: string;
    /** The host at which people sign in, for a sign-in alone, e.g. "impl.workday.com"; "impl.workday.com" where it is absent. */
    readonly authorizationHost?: string;
  }): Provider => ({
    provider: 'workday',
    placeholders,
  }),
  /** Workday (client credentials): https://community.workday.com/ */
  workdayClientCredentials: (placeholders: {
    /** The host of the tenant’s web services, e.g. "wd2-impl-services1.workday.com". */
    readonly host: string;
    /** The name of the tenant, e.g. "acme". */
    readonly tenant: string;
  }): Provider => ({
    provider: 'workday-client-credentials',
    placeholders,
  }),
  /** X: https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token */
  x: {
    provider: 'x',
  } satisfies Provider,
  /** Xero: https://developer.xero.com/documentation/guides/oauth2/token-types */
  xero: {
    provider: 'xero',
  } satisfies Provider,
  /** Zendesk: https://developer.zendesk.com/documentation/api-basics/authentication/refresh-token */
  zendesk: (placeholders: {
    /** What stands before .zendesk.com, e.g. "acme". */
    readonly subdomain: string;
  }): Provider => ({
    provider: 'zendesk',
    placeholders,
  }),
  /** ZITADEL: https://zitadel.com/docs/guides/integrate/service-users/client-credentials */
  zitadel: (placeholders: {
    /** The host of the instance, e.g. "acme-1a2b3c.zitadel.cloud". */
    readonly host: string;
  }): Provider => ({
    provider: 'zitadel',
    placeholders,
  }),
  /** Zoho: https://www.zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html */
  zoho: (placeholders: {
    /** The data centre of the account; "us" where it is absent. */
    readonly dataCentre?: 'us' | 'eu' | 'in' | 'au' | 'jp' | 'cn' | 'ca' | 'sa';
  } = {}): Provider => ({
    provider: 'zoho',
    placeholders,
  }),
  /** Zoom (user): https://developers.zoom.us/docs/integrations/oauth/ */
  zoom: {
    provider: 'zoom',
  } satisfies Provider,
  /** Zoom (server-to-server): https://developers.zoom.us/docs/internal-apps/s2s-oauth/ */
  zoomServerToServer: (placeholders: {
    /** The account ID of the app, e.g. "Wk9PTV9BQ0NPVU5UX0lE". */
    readonly accountId: string;
  }): Provider => ({
    provider: 'zoom-server-to-server',
    placeholders,
  }),
};
