import { expect } from 'vitest';
import { assertNoCanary } from '../../../support/canary.ts';

/** A page as a person sees it. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

const MOST_REDIRECTS = 10;

/** Plays a browser for pages that need no script: cookies, redirects and forms. */
export class FetchBrowser {
  readonly #cookies = new Map<string, string>();

  async open(url: string, init: RequestInit = {}): Promise<Page> {
    let at = url;
    let next: RequestInit = init;
    for (let redirects = 0; redirects < MOST_REDIRECTS; redirects += 1) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { ...(next.headers as Record<string, string>), ...(cookie && { cookie }) };
      const response = await fetch(at, { ...next, headers, redirect: 'manual' });
      for (const set of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (set.split(';')[0] ?? '').split('=');
        if (value === '') this.#cookies.delete(name);
        else this.#cookies.set(name, value);
      }
      const location = response.headers.get('location');
      const html = await response.text();
      // A redirect carries the code to where it belongs; no page that a person sees does.
      if (location === null) assertNoCanary(html, `the page at ${new URL(at).pathname}`);
      if (location === null) return { url: at, status: response.status, headers: response.headers, html };
      at = new URL(location, at).href;
      // A test follows no redirect to a host that is not on this machine.
      if (!at.startsWith('http://127.0.0.1:'))
        return { url: at, status: response.status, headers: response.headers, html };
      next = {};
    }
    throw new Error('too many redirects');
  }

  /** Sends the page's only form. */
  submit(page: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
    const action = /<form[^>]*action="([^"]*)"/.exec(page.html)?.[1];
    expect(action).toBeDefined();
    const hidden = [...page.html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    return this.open(new URL(action ?? '', page.url).href, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams([
        ...hidden.map(([, name = '', value = '']) => [name, value]),
        ...Object.entries(fields),
      ] as [string, string][]).toString(),
    });
  }

  /** Signs in and answers the question for consent; ends on the page of the redirect URI. */
  async signIn(url: string, answer: 'yes' | 'no' = 'yes'): Promise<Page> {
    const login = await this.open(url);
    expect(login.html).toContain('<title>login</title>');
    const consent = await this.submit(login, { name: 'a person', answer: 'yes' });
    expect(consent.html).toContain('<title>consent</title>');
    return this.submit(consent, { answer });
  }
}
