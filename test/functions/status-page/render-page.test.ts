import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';
import type { PastOutcome } from '../../../functions/refresh/ports/history.ts';
import type { PageModel } from '../../../functions/status-page/page-model.ts';
import { readPageQuery } from '../../../functions/status-page/query.ts';
import { WEB_PAGE_HEADERS, webPage } from '../../../functions/status-page/web-page.ts';
import { widgetPage } from '../../../functions/status-page/widget-page.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { HOUR, MINUTE, NOW, stateOf } from '../refresh/state-of.ts';
import { manyStates, pastOf } from './many-states.ts';
import { modelOf, viewOf } from './page-model-of.ts';

const MOST_BYTES = 200_000;
const FUNCTIONS = {
  look: 'arn:aws:lambda:eu-central-1:111122223333:function:evertoken-status-widget',
  act: 'arn:aws:lambda:eu-central-1:111122223333:function:evertoken-status-action',
};

const web = (model: PageModel, query: Record<string, string> = {}) =>
  String(webPage(model, readPageQuery(query)));
const widget = (
  model: PageModel,
  query: Record<string, string> = {},
  functions: { look: string; act?: string } = FUNCTIONS,
) => String(widgetPage(model, readPageQuery(query), { functions, theme: 'dark' }));
const bytes = (text: string) => Buffer.byteLength(text);
/** What a person reads of it, in one line. */
const words = (page: string) =>
  page
    .replace(/<(style|script)\b.*?<\/\1>|<cwdb-action.*?<\/cwdb-action>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

const DEAD = stateOf({
  lastOutcome: 'needs-reauthorization',
  lastErrorCode: 'invalid_grant',
  lastErrorMessage: 'the refresh token was revoked',
  lastErrorSource: 'provider',
  lastErrorAt: NOW - HOUR,
  obtainedAt: NOW - 2 * HOUR,
  expiresAt: NOW - HOUR,
});

describe('the page', () => {
  it('says of a connection how it stands, what was seen, and what to do, in the words of its need', () => {
    const { need } = viewOf(DEAD);
    const shown = words(web(modelOf([DEAD])));
    expect(shown).toContain('needs-reauthorization needs a person expired 60 min ago due since 0 s');
    expect(shown).toContain('invalid_grant , for 60 min: the refresh token was revoked');
    expect(need?.remedy).toMatch(/evertoken authorize crm/);
    expect(shown).toContain(`To do: ${need?.remedy}`);
  });

  it('counts by health, and shows what the last tick did', () => {
    const shown = words(web(modelOf(manyStates(300, NOW))));
    expect(shown).toContain('Last tick 12 s ago , took 2 s: 3 of 4 due refreshed, 1 failed, 0 left');
    expect(shown).toMatch(
      /\d+ need a person \d+ needs-reauthorization \d+ awaiting-credentials \d+ misconfigured/,
    );
    expect(shown).toContain('300 connections');
  });

  it('says what to do when no tick comes', () => {
    const tickProblem = { message: 'No tick has come to its end yet.', remedy: 'Look at the schedule.' };
    const shown = words(web(modelOf([], { tick: undefined, tickProblem })));
    expect(shown).toContain(
      'No tick has come to its end yet. To do: Look at the schedule. Last tick none yet',
    );
    expect(shown).toContain('No connection is registered yet.');
  });

  it('tells one trouble of many once', () => {
    const states = Array.from({ length: 294 }, (_, index) => ({ ...DEAD, name: `shop/${index}` }));
    const shown = words(web(modelOf(states)));
    expect(shown.match(/To do:/g)).toHaveLength(1);
    expect(shown).toContain('294 connections: invalid_grant');
    expect(shown).toContain('evertoken authorize CONNECTION');
    expect(shown).toContain('Show all 294 of them');
  });

  it('shows of one connection all that is known, and its history', () => {
    const shown = words(web(modelOf([DEAD], { history: pastOf(NOW) }), { connection: 'crm' }));
    expect(shown).toContain('Token lies in evertoken/tokens/crm');
    expect(shown).toContain('Obtained 2 h ago (2025-12-31 22:00:00 UTC)');
    expect(shown).toMatch(
      /2025-12-31 20:13:00 to 2025-12-31 20:33:00, 7 times retry-later schedule refresh_token http_503/,
    );
    expect(shown.match(/ schedule /g)).toHaveLength(50);
  });

  it('asks before it pauses, where the button itself cannot', () => {
    const shown = web(modelOf([DEAD]), { connection: 'crm', confirm: 'pause' });
    expect(words(shown)).toContain('Pause crm? Nothing refreshes it until somebody resumes it');
    expect(shown).toContain('<button name="pause" value="crm">Pause</button>');
    expect(web(modelOf([DEAD]))).not.toContain('name="pause"');
    expect(web(modelOf([{ ...DEAD, paused: true }]), { connection: 'crm', confirm: 'pause' })).toContain(
      'name="resume"',
    );
  });

  it('says that there is no such connection', () => {
    expect(words(web(modelOf([DEAD]), { connection: 'erp' }))).toContain('No connection erp is registered.');
  });

  it('shows the same to a dashboard, whose own actions press the buttons', () => {
    const model = modelOf(manyStates(8, NOW));
    expect(words(widget(model))).toBe(
      words(web(model)).replace(/^ ?(All well|\d+ needs? a person) · evertoken/, ''),
    );
    const page = widget(modelOf([DEAD]));
    const actions = [...page.matchAll(/<\/button><cwdb-action([^>]*)>([^<]*)<\/cwdb-action>/g)];
    expect(actions.map(([, attributes]) => /endpoint="([^"]*)"/.exec(attributes ?? '')?.[1])).toContain(
      FUNCTIONS.act,
    );
    for (const [, , params = ''] of actions) {
      expect(() => JSON.parse(params.replaceAll('&quot;', '"'))).not.toThrow();
    }
    const [, attributes = ''] = actions.find(([, , params]) => params?.includes('pause')) ?? [];
    expect(attributes).toMatch(/ confirmation="Pause crm\? /);
  });

  it('has no buttons in a dashboard for looking alone', () => {
    const page = widget(modelOf([DEAD]), {}, { look: FUNCTIONS.look });
    expect(page).not.toMatch(/Refresh now|Pause|status-action/);
    expect(page).toContain('invalid_grant');
  });
});

describe('the size of the page', () => {
  it.each([3, 300, 1_000, 5_000])(
    'is less than 200 KB for %i connections, whatever is asked of it',
    (count) => {
      const model = modelOf(manyStates(count, NOW));
      for (const query of [
        {},
        { health: 'need' },
        { health: 'healthy' },
        { sort: 'name' },
        { sort: 'expiry', page: '9' },
      ]) {
        expect(bytes(web(model, query))).toBeLessThan(MOST_BYTES);
        expect(bytes(widget(model, query))).toBeLessThan(MOST_BYTES);
      }
    },
  );

  it('is that of one page though every connection had the longest of everything', () => {
    const states = manyStates(1_000, NOW).map((state, index): ConnectionState => {
      return {
        ...state,
        name: `${'n'.repeat(120)}${index}`,
        definition: { tokenUrl: `https://${'a'.repeat(60)}.${index}.example/`, credentials: 'c'.repeat(128) },
        lastErrorCode: `${'e'.repeat(200)}${index}`,
        lastErrorMessage: 'm'.repeat(4_000),
      };
    });
    for (const sort of ['need', 'name']) {
      expect(bytes(web(modelOf(states), { sort }))).toBeLessThan(2 * MOST_BYTES);
    }
  });
});

describe('what others wrote', () => {
  it.each(HOSTILE_TEXTS)('$what: does no harm wherever it stands', ({ text }) => {
    const past: PastOutcome = {
      at: NOW - MINUTE,
      since: NOW - MINUTE,
      times: 1,
      trigger: 'schedule',
      outcome: 'retry-later',
      grant: text,
      code: text,
      message: text,
    };
    const state = stateOf({
      ...DEAD,
      name: text,
      definition: { provider: text, credentials: text, grants: [text], tokenUrl: text },
      credentialsSentTo: text,
      lastErrorCode: text,
      lastErrorMessage: text,
    });
    const notice = { tone: 'failed', text, remedy: text } as const;
    const model = modelOf([state, { ...state, name: `${text}2` }], {
      namespace: text,
      history: [past],
      notice,
    });
    for (const query of [{}, { connection: text }, { name: text, provider: text, trouble: text }]) {
      for (const page of [web(model, query), widget(model, query)]) {
        expect(page.match(/[\p{C}\p{Default_Ignorable_Code_Point}]/gu)).toBeNull();
        expect(bytes(page)).toBeLessThan(MOST_BYTES);
      }
    }
  });

  it.each([
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    '</style><img src=x onerror=alert(1)>',
    '&quot;&lt;b&gt;',
    '</cwdb-action><b>',
    'javascript:alert(1)',
  ])('is text and nothing else: %s', (text) => {
    const state = { ...DEAD, name: text, lastErrorCode: text, lastErrorMessage: text };
    const model = modelOf([state], { notice: { tone: 'failed', text } });
    const tags = (page: string) =>
      page.match(/<[a-z/!][^>]*>/gi)?.map((tag) => /^<\/?[a-z-]+|^<!/i.exec(tag)?.[0]);
    const plain = modelOf([{ ...DEAD, name: 'x', lastErrorCode: 'x', lastErrorMessage: 'x' }], {
      notice: { tone: 'failed', text: 'x' },
    });
    for (const render of [web, widget]) {
      expect(tags(render(model))).toEqual(tags(render(plain)));
      expect(render(model).match(/ on\w+=["']|href="javascript|<script>/)).toBeNull();
    }
    expect(web(model).match(/<script/g)).toHaveLength(1);
    expect(widget(model).match(/<script/)).toBeNull();
  });
});

describe('the policy of the page', () => {
  it('lets in its own style alone, its own script and nothing in the page, and nothing from elsewhere', () => {
    const policy = WEB_PAGE_HEADERS['content-security-policy'];
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; script-src 'self';/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const page = web(modelOf(manyStates(8, NOW), { history: pastOf(NOW) }));
    expect(page.match(/ style="|https?:\/\/|url\(|@import/)).toBeNull();
    expect([...page.matchAll(/(?:src|href|action)="([^"]*)"/g)].every(([, to]) => to?.startsWith('/'))).toBe(
      true,
    );
  });
});
