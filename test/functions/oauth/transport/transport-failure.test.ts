import { expect, it } from 'vitest';
import { transportFailure } from '../../../../functions/oauth/transport/send-once.ts';
import { canarySecret } from '../../../support/canary.ts';

it.each([
  ['ECONNREFUSED', 'connection_refused', /was refused a connection/],
  ['ECONNRESET', 'connection_reset', /lost its connection/],
  ['EPIPE', 'connection_reset', /lost its connection/],
  ['UND_ERR_SOCKET', 'connection_reset', /lost its connection/],
  ['UND_ERR_CONNECT_TIMEOUT', 'connect_timeout', /took too long/],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'answer_too_large', /too much/],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'truncated_answer', /in part/],
  ['CERT_HAS_EXPIRED', 'tls_failed', /TLS.*CERT_HAS_EXPIRED/],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls_failed', /TLS.*ERR_SSL_WRONG_VERSION_NUMBER/],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'tls_failed', /TLS.*HANDSHAKE_FAILURE/],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'client_certificate_refused', /client's certificate.*BAD_CERT/],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client_certificate_refused', /client's certificate/],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'client_certificate_refused', /client's certificate/],
  ['EHOSTUNREACH', 'connection_failed', /failed.*EHOSTUNREACH/],
  ['x'.repeat(60), 'connection_failed', /x{60}/],
  ['constructor', 'connection_failed', /constructor/],
])('%s is told as %s', (code, ours, words) => {
  const failed = transportFailure(Object.assign(new Error(canarySecret('cause')), { code }));
  expect(failed.code).toBe(ours);
  expect(failed.problem).toMatch(words);
  expect(failed.problem).not.toContain('CANARY');
});

it.each([[canarySecret('code')], ['x'.repeat(61)], [7], [undefined]])('%j is no code', (code) => {
  expect(transportFailure({ code })).toEqual({
    code: 'connection_failed',
    problem: 'failed (unknown)',
  });
});

it('a failure may be nothing at all', () => {
  expect(transportFailure(undefined).code).toBe('connection_failed');
});
