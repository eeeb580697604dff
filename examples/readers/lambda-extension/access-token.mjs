// Reads access tokens that Evertoken keeps fresh, through the AWS Parameters and Secrets Lambda extension,
// which caches them for 300 s, or for SECRETS_MANAGER_TTL. Call it in the handler: earlier, it is not ready yet.

const port = process.env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT ?? '2773';

export async function accessToken(name) {
  const secretId = `evertoken/tokens/${name}`;
  const url = `http://localhost:${port}/secretsmanager/get?secretId=${encodeURIComponent(secretId)}`;
  const headers = { 'X-Aws-Parameters-Secrets-Token': process.env.AWS_SESSION_TOKEN };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${secretId}: the extension answered ${response.status}`);
  const { SecretString } = await response.json();
  const { access_token, expires_at } = parse(SecretString) ?? {};
  if (!access_token || !(expires_at * 1000 > Date.now())) {
    throw new Error(`${secretId} holds no token, or an expired one; see: evertoken status ${name}`);
  }
  return access_token;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The error of the parser quotes what it read.
  }
}
