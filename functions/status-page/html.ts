import { inertStart } from '../text/inert.ts';

/** Text that is HTML. Only `html` and `ownHtml` make it, so that whatever else is put into a page is escaped. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template: nothing is shown of what is absent. */
export type Content = string | number | Html | undefined | null | false | readonly Content[];

/**
 * A piece of HTML. What is put into it is made inert and escaped, in text and in quoted attributes alike; only `Html`
 * goes in as it is. Line breaks of the template, with the indentation after them, are for who reads the source.
 */
export function html(literals: TemplateStringsArray, ...values: readonly Content[]): Html {
  let text = joined(literals[0]);
  values.forEach((value, index) => {
    text += textOf(value) + joined(literals[index + 1]);
  });
  return new Html(text);
}

/** A constant of this project's own as HTML: a style sheet. Never what comes from elsewhere. */
export function ownHtml(text: string): Html {
  return new Html(text);
}

/** Text of somebody else's, of which at most so many characters are shown, and whose writing direction ends with it. */
export function foreign(text: string, most = 300): Html {
  return html`<bdi>${text.length > most ? `${text.slice(0, most)}…` : text}</bdi>`;
}

function joined(literal = ''): string {
  return literal.replace(/\n\s*/g, '');
}

function textOf(value: Content): string {
  if (value instanceof Html) return value.toString();
  if (typeof value === 'string') return escaped(inertStart(value));
  if (typeof value === 'number') return String(value);
  return Array.isArray(value) ? value.map(textOf).join('') : '';
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
