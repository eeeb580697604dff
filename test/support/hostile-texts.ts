/** One thing that somebody may write into a declaration, a state item or an answer. */
export interface HostileText {
  readonly what: string;
  /** The text itself, as it is planted wherever a text may stand. */
  readonly text: string;
  /** The declaration that holds it, as JSON was parsed. */
  readonly declaration: unknown;
  /** What the refusal of that declaration says; where nothing is refused, it does no harm. */
  readonly refusal: string | undefined;
}

const CONNECTION = { tokenUrl: 'https://idp.example.com/token', credentials: 'crm' };

/** A text with something invisible in it, in a parameter that is sent as it is. */
function invisible(what: string, text: string, codePoint: string): HostileText {
  const at = `parameters.audience: holds the invisible character ${codePoint} at position`;
  return { what, text, declaration: { ...CONNECTION, parameters: { audience: text } }, refusal: at };
}

/** A URL whose host is not the one that a person reads. */
function lookAlike(what: string, tokenUrl: string, host: string): HostileText {
  const refusal = `tokenUrl: leads to the host "${host}", which it does not show`;
  return { what, text: tokenUrl, declaration: { ...CONNECTION, tokenUrl }, refusal };
}

function declared(what: string, json: string, refusal: string | undefined): HostileText {
  return { what, text: json, declaration: JSON.parse(json), refusal };
}

const MEBIBYTE = 1_048_576;

export const HOSTILE_TEXTS: readonly HostileText[] = [
  invisible('clears the screen', 'a\u001b[2J\u001b[Hb', 'U+001B'),
  invisible('colours what is not well', '\u001b[32mhealthy\u001b[39m', 'U+001B'),
  invisible('draws over the line above', 'a\u001b[1A\u001b[2Kall is well', 'U+001B'),
  invisible('renames the window', '\u001b]0;owned\u0007', 'U+001B'),
  invisible('links to elsewhere', '\u001b]8;;https://evil.example\u001b\\idp\u001b]8;;\u001b\\', 'U+001B'),
  invisible('fills the clipboard', '\u001b]52;c;ZXZpbA==\u0007', 'U+001B'),
  invisible('asks the terminal to answer', '\u001b[6n\u001bP+q544e\u001b\\', 'U+001B'),
  invisible('hides in another screen', '\u001b[?1049h\u001b[?25l', 'U+001B'),
  invisible('a control sequence in C1', 'a\u009b2Jb', 'U+009B'),
  invisible('an operating system command in C1', '\u009d0;owned\u009c', 'U+009D'),
  invisible('a next line in C1', 'a\u0085crm: healthy', 'U+0085'),
  invisible('a bell', 'a\u0007', 'U+0007'),
  invisible('backspaces over what was said', 'refused\b\b\b\b\b\b\bfine', 'U+0008'),
  invisible('a NUL', 'a\u0000b', 'U+0000'),
  invisible('a DEL', 'a\u007fb', 'U+007F'),
  invisible('a tab', 'crm\thealthy', 'U+0009'),
  invisible('a form feed', 'a\fb', 'U+000C'),
  invisible('a carriage return over the line', 'refused\rhealthy', 'U+000D'),
  invisible('a header of its own', 'x\r\nAuthorization: Bearer y', 'U+000D'),
  invisible('a line that looks like ours', 'x\nsecure-crm  healthy  59 min\n  To do: nothing', 'U+000A'),
  invisible('a line separator', 'a\u2028secure-crm: healthy', 'U+2028'),
  invisible('a paragraph separator', 'a\u2029b', 'U+2029'),
  invisible('a right-to-left override', 'moc.elpmaxe.pdi\u202e', 'U+202E'),
  invisible('a left-to-right override', '\u202dabc\u202c', 'U+202D'),
  invisible('an isolate that is never ended', 'a\u2067b', 'U+2067'),
  invisible('a left-to-right mark', 'a\u200eb', 'U+200E'),
  invisible('an Arabic letter mark', 'a\u061cb', 'U+061C'),
  invisible('a zero width space', 'pay\u200bpal', 'U+200B'),
  invisible('a zero width joiner', 'pay\u200dpal', 'U+200D'),
  invisible('a word joiner', 'pay\u2060pal', 'U+2060'),
  invisible('a byte order mark inside', 'pay\ufeffpal', 'U+FEFF'),
  invisible('a soft hyphen', 'pay\u00adpal', 'U+00AD'),
  invisible('a grapheme joiner', 'pay\u034fpal', 'U+034F'),
  invisible('a filler that looks like a space', 'pay\u3164pal', 'U+3164'),
  invisible('a variation selector', 'a\ufe0fb', 'U+FE0F'),
  invisible('a message in variation selectors', 'a\u{e0101}\u{e0102}', 'U+E0101'),
  invisible('a message in tags', 'ok\u{e0069}\u{e0067}\u{e006e}', 'U+E0069'),
  invisible('a private character', 'a\ue000b', 'U+E000'),
  invisible('a noncharacter', 'a\uffffb', 'U+FFFF'),
  invisible('half of a pair', 'a\ud83d', 'U+D83D'),
  invisible('the other half of a pair', '\ude00b', 'U+DE00'),
  {
    what: 'a key that runs backwards',
    text: 'audience\u202e',
    declaration: { ...CONNECTION, parameters: { 'audience\u202e': 'x' } },
    refusal: 'parameters["audience\\u202e"]: as a key: holds the invisible character U+202E',
  },
  {
    what: 'a field of ours with a hidden letter',
    text: 'token\u200bUrl',
    declaration: { ...CONNECTION, 'token\u200bUrl': 'https://evil.example/token' },
    refusal: '["token\\u200bUrl"]: as a key: holds the invisible character U+200B',
  },
  {
    what: 'one deep inside',
    text: '\u001b[31mdeep',
    declaration: {
      ...CONNECTION,
      credentials: {
        secretArn: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:crm',
        fields: { client_id: '\u001b[31mdeep' },
      },
    },
    refusal: 'credentials.fields.client_id: holds the invisible character U+001B at position 1',
  },
  {
    what: 'a string of 1 MB',
    text: 'A'.repeat(MEBIBYTE),
    declaration: { ...CONNECTION, parameters: { audience: 'A'.repeat(MEBIBYTE) } },
    refusal: 'parameters.audience: is 1,048,576 characters long; at most 8,192 are allowed',
  },
  {
    what: '1 MB of escape sequences',
    text: '\u001b[2J'.repeat(MEBIBYTE / 4),
    declaration: { ...CONNECTION, provider: '\u001b[2J'.repeat(MEBIBYTE / 4) },
    refusal: 'provider: is 1,048,576 characters long',
  },
  {
    what: 'a key of 1 MB',
    text: 'k'.repeat(MEBIBYTE),
    declaration: { ...CONNECTION, ['k'.repeat(MEBIBYTE)]: 1 },
    refusal: `["${'k'.repeat(60)}…"]: as a key: is 1,048,576 characters long`,
  },
  {
    what: 'brackets without end',
    text: '['.repeat(10_000),
    declaration: JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`),
    refusal: 'is nested more than 32 levels deep',
  },
  lookAlike('a host in Cyrillic', 'https://\u0430\u0440\u0440\u04cf\u0435.com/token', 'xn--80ak6aa92e.com'),
  lookAlike('a host of two scripts', 'https://p\u0430ypal.com/token', 'xn--pypal-4ve.com'),
  lookAlike('a host in full width', 'https://\uff49dp.example.com/token', 'idp.example.com'),
  lookAlike('a host with other full stops', 'https://idp\u3002example\u3002com/token', 'idp.example.com'),
  lookAlike('a host with a Kelvin sign', 'https://\u212aajabi.com/token', 'kajabi.com'),
  lookAlike('a host in percent-encoding', 'https://%69dp.example.com/token', 'idp.example.com'),
  lookAlike(
    'a slash that is none',
    'https://idp.example.com\u2044token.evil.example/x',
    'idp.example.xn--comtoken-g03d.evil.example',
  ),
  lookAlike('an address in wide digits', 'https://１２７.0.0.1/token', '127.0.0.1'),
  lookAlike('backslashes', 'https:\\\\evil.example\\token', 'evil.example'),
  {
    what: 'a host that is a user name',
    text: 'https://idp.example.com@evil.example/token',
    declaration: { ...CONNECTION, tokenUrl: 'https://idp.example.com@evil.example/token' },
    refusal: 'tokenUrl: must not hold a user name or password',
  },
  declared(
    'a prototype',
    `{"__proto__": {"polluted": true}, "tokenUrl": "https://idp.example.com/token", "credentials": "crm"}`,
    '__proto__: cannot be a key',
  ),
  declared(
    'a prototype of a map',
    `{"tokenUrl": "https://idp.example.com/token", "credentials": "crm", "parameters": {"__proto__": "x"}}`,
    'parameters.__proto__: cannot be a key',
  ),
  declared(
    'a constructor',
    `{"constructor": {"prototype": {"polluted": true}}, "tokenUrl": "https://idp.example.com/token", "credentials": "crm"}`,
    'constructor: is no known key',
  ),
  declared(
    'parameters that every object has',
    `{"tokenUrl": "https://idp.example.com/token", "credentials": "crm", "parameters": {"constructor": "a", "prototype": "b", "toString": "c"}}`,
    undefined,
  ),
];
