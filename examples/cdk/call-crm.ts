import { fetchWithToken } from '../../reader/index.ts'; // in your app: 'evertoken/reader'

// `CRM_TOKEN_SECRET` is set where the secret cannot be known by the connection's name: in another account.
const secretArn = process.env['CRM_TOKEN_SECRET'];
const crm = fetchWithToken(secretArn === undefined ? 'crm' : { secretArn });
const url = process.env['CRM_URL'] ?? 'https://api.kajabi.com/v1/contacts';

/** Calls the provider with the current token, read again when it is refused. */
export async function handler(): Promise<unknown> {
  const response = await crm(url);
  if (!response.ok) throw new Error(`the CRM answered ${response.status}`);
  return response.json();
}
