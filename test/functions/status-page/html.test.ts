import { describe, expect, it } from 'vitest';
import { foreign, html, ownHtml } from '../../../functions/status-page/html.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';

describe('html', () => {
  it('escapes what is put into it, in text and in attributes', () => {
    const text = `<img src=x onerror='a("b")'>&amp;`;
    const escaped = '&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt;&amp;amp;';
    expect(String(html`<p title="${text}">${text}</p>`)).toBe(`<p title="${escaped}">${escaped}</p>`);
  });

  it('takes its own as it is, lists one after the other, and shows nothing of what is absent', () => {
    const items = ['a', html`<b>${'<'}</b>`, 3];
    expect(String(html`${items}${undefined}${false}${null}${0}`)).toBe('a<b>&lt;</b>30');
    expect(String(html`<style>${ownHtml('a>b{}')}</style>`)).toBe('<style>a>b{}</style>');
  });

  it('leaves out the line breaks of its source', () => {
    expect(
      String(html`
        <p>
          ${'a\nb'}
        </p>`),
    ).toBe('<p>a\\u000ab</p>');
  });

  it.each(HOSTILE_TEXTS)('makes a text that $what inert', ({ text }) => {
    const shown = String(html`<p>${foreign(text)}</p>`);
    expect(shown).not.toMatch(/[\p{C}\p{Default_Ignorable_Code_Point}]/u);
    expect(shown.length).toBeLessThan(4_000);
    expect(shown).toMatch(/^<p><bdi>[^<>]*<\/bdi><\/p>$/);
  });
});
