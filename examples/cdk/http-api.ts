/**
 * An HTTP API of API Gateway that answers with what a provider says. Callers sign their requests, and see neither the
 * token nor the provider. It needs a deployment with a connection called "crm":
 *
 *     npx cdk deploy --app 'node examples/cdk/http-api.ts'
 *
 * An integration of API Gateway alone will not do: it could send no more than a header that somebody wrote down, and a
 * token goes stale within the hour.
 */
import { fileURLToPath } from 'node:url';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Construct } from 'constructs';
import { Connection } from '../../infra/index.ts'; // in your app: 'evertoken'

export interface ContactsApiStackProps {
  readonly apiUrl: string;
}

export class ContactsApiStack extends Stack {
  constructor(scope: Construct, id: string, { apiUrl }: ContactsApiStackProps) {
    super(scope, id);
    const answer = new NodejsFunction(this, 'Answer', {
      runtime: Runtime.NODEJS_24_X,
      entry: fileURLToPath(new URL('answer-contacts.ts', import.meta.url)),
      // API Gateway gives up after 30 s.
      timeout: Duration.seconds(29),
      environment: { CRM_URL: apiUrl },
      // With the SDK that is installed, not with that of the runtime, which changes by itself.
      bundling: { externalModules: [] },
    });
    Connection.fromConnectionName(this, 'Crm', 'crm').grantRead(answer);

    // Whoever is let in acts by your token: nobody is, until they are granted `execute-api:Invoke`.
    const api = new HttpApi(this, 'Api', { defaultAuthorizer: new HttpIamAuthorizer() });
    api.addRoutes({
      path: '/contacts',
      methods: [HttpMethod.GET],
      integration: new HttpLambdaIntegration('Contacts', answer),
    });
    new CfnOutput(this, 'Url', { value: `${api.apiEndpoint}/contacts` });
  }
}

/** Adds the stack to an app. */
export function addContactsApi(app: App): ContactsApiStack {
  return new ContactsApiStack(app, 'contacts-api', { apiUrl: 'https://api.kajabi.com/v1/contacts' });
}

if (import.meta.main) addContactsApi(new App());
