import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { fetchWithToken, TokenReaderError } from '../../reader/index.ts'; // in your app: 'evertoken/reader'

const crm = fetchWithToken('crm');
const url = process.env['CRM_URL'] ?? 'https://api.kajabi.com/v1/contacts';

/** Answers with what the provider says, and with nothing that could be taken for a refusal of the caller. */
export async function handler(): Promise<APIGatewayProxyStructuredResultV2> {
  try {
    const response = await crm(url);
    const body = await response.text();
    if (response.ok) return { statusCode: 200, headers: { 'content-type': 'application/json' }, body };
    return { statusCode: 502, body: JSON.stringify({ message: `the CRM answered ${response.status}` }) };
  } catch (error) {
    if (!(error instanceof TokenReaderError)) throw error;
    // Its message names the secret: that is for the log.
    console.error(error.message);
    const headers = { 'retry-after': '60' };
    return { statusCode: 503, headers, body: JSON.stringify({ message: 'there is no token for the CRM' }) };
  }
}
