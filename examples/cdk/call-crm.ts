import { fetchWithToken } from '../../reader/index.ts'; // in your app: 'evertoken/reader'

// `CRM_TOKEN_SECRET` is set where the secret cannot be known by the connection's name: in another account.
const secretArn = process.env['CRM_TOKEN_SECRET'];
const crm = fetchWithToken(secretArn === undefined ? 'crm' : { secretArn });

/** Calls the provider with the current token, read again when it is refused. */
export async function handler(): Promise<unknown> {
  const response = await crm('https://api.kajabi.com/v1/contacts');
  return response.json();
}
