/**
 * What the templates of an example stand for while it is replayed: `{access_token}`, `{client_secret}`,
 * `{credential.subject}` and so on, by their names. None is anybody's.
 */
export type ExampleValues = Readonly<Record<string, string>>;

/** How a value is written where it stands. */
export type Written = 'raw' | 'form' | 'json';

const TEMPLATE = /\{([A-Za-z_][\w]*(?:\.[\w#-]+)?)\}/g;

/** The names of the templates in a text. */
export function templatesIn(text: string): string[] {
  return [...text.matchAll(TEMPLATE)].map(([, name = '']) => name);
}

/** The text with its templates filled in; what no value stands for is left as it is. */
export function fillTemplates(text: string, values: ExampleValues, written: Written): string {
  return text.replace(TEMPLATE, (whole, name: string) =>
    Object.hasOwn(values, name) ? writtenAs(values[name] ?? '', written) : whole,
  );
}

/** `fillTemplates` for every string in a value of JSON. */
export function fillInside(value: unknown, values: ExampleValues): unknown {
  if (typeof value === 'string') return fillTemplates(value, values, 'raw');
  if (Array.isArray(value)) return value.map((each) => fillInside(each, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fillInside(each, values)]));
}

/** The other way round: each value as its template, however it is written, so that a person may see the text. */
export function withTemplates(text: string, values: ExampleValues): string {
  const forms = Object.entries(values)
    .flatMap(([name, value]) =>
      [...new Set(FORMS.map((written) => writtenAs(value, written)))].map((form) => ({ name, form })),
    )
    .filter(({ form }) => form !== '')
    .sort((one, other) => other.form.length - one.form.length);
  return forms.reduce((shown, { name, form }) => shown.replaceAll(form, `{${name}}`), text);
}

/** How values are written in a text of this content type. */
export function writtenIn(text: string, contentType: string | undefined): Written {
  if (contentType?.includes('json') || /^\s*[[{]/.test(text)) return 'json';
  return contentType?.includes('form-urlencoded') || /^[\w.%+-]+=[^\s]*$/.test(text) ? 'form' : 'raw';
}

const FORMS: readonly Written[] = ['raw', 'form', 'json'];

function writtenAs(value: string, written: Written): string {
  switch (written) {
    case 'form':
      return new URLSearchParams({ '': value }).toString().slice(1);
    case 'json':
      return JSON.stringify(value).slice(1, -1);
    case 'raw':
      return value;
  }
}
