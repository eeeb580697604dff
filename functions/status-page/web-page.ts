import { createHash } from 'node:crypto';
import { type Html, html, ownHtml } from './html.ts';
import type { PageModel } from './page-model.ts';
import type { PageQuery } from './query.ts';
import { renderPage, titleOf } from './render-page.ts';
import { styleSheet } from './style.ts';
import { webControls } from './web-controls.ts';

/** Where the script is that keeps the page up to date. It is worth having, and nothing needs it. */
export const SCRIPT_PATH = '/live.js';

/** Without a script, the page is loaded again so often. */
const RELOAD_SECONDS = 15;

const STYLE = [
  'body{margin:0;background:#fff}main{max-width:80rem;margin:0 auto}',
  '@media (prefers-color-scheme:dark){body{background:#0f141a}}',
  styleSheet(),
].join('');

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Nothing is loaded from elsewhere, no script stands in the page, and its forms go to where it came from. */
export const WEB_PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-store',
  // Without one, the forms would not say where they come from.
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** The page as a document of its own. */
export function webPage(model: PageModel, query: PageQuery): Html {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width,initial-scale=1">
        <title>${titleOf(model)}</title>
        <style>${ownHtml(STYLE)}</style>
        <script src="${SCRIPT_PATH}" defer></script>
        <noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS}"></noscript>
      </head>
      <body>
        <main id="page">${renderPage(model, query, webControls)}</main>
        <p id="live" role="status" hidden></p>
      </body>
    </html>`;
}
