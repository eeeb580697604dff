import { createHash } from 'node:crypto';
import { html, ownHtml } from '../../functions/status-page/html.ts';

/** A page that tells a person in the browser what happened. */
export interface ResultPage {
  readonly title: string;
  /** May repeat what a provider said: it is escaped. Never a secret. */
  readonly message: string;
}

const STYLE =
  'body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:18vh auto 0;padding:0 1.5rem;' +
  'color:#1b1f24;background:#fff}h1{font-size:1.5rem}p{overflow-wrap:anywhere}' +
  '@media(prefers-color-scheme:dark){body{color:#e6e9ec;background:#15181c}}';

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Nothing is loaded, run, framed or sent from the page, and nothing of it is kept. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; ` +
    "frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

export function renderPage({ title, message }: ResultPage): string {
  return String(html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>${title}</title>
        <style>${ownHtml(STYLE)}</style>
      </head>
      <body>
        <h1>${title}</h1>
        <p>${message}</p>
      </body>
    </html>`);
}
