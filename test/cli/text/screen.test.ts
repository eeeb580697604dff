import { describe, expect, it } from 'vitest';
import { createInk, screenOn } from '../../../cli/text/screen.ts';
import { systemRandom } from '../../../functions/handlers/system-clock.ts';
import { readRepositoryFile, repositoryFiles } from '../../support/source-files.ts';

const ESCAPE = '\u001b';

function terminal(isTTY = true) {
  const written: string[] = [];
  const output = { write: (text: string) => written.push(text), isTTY, columns: 40 };
  return {
    screen: screenOn(output, { env: {}, random: systemRandom }),
    output,
    text: () => written.join(''),
  };
}

describe('a screen', () => {
  it.each([true, false])('shows what it is given and obeys none of it (a terminal: %s)', (isTTY) => {
    const { screen, text } = terminal(isTTY);
    screen.write(`a${ESCAPE}[2Jb\r\u202e\n`);
    expect(text()).toBe('a\\u001b[2Jb\\u000d\\u202e\n');
  });

  it('keeps its own colours, and no others', () => {
    const { screen, text } = terminal();
    screen.write(`${screen.paint('green', 'healthy')} ${ESCAPE}[32mhealthy${ESCAPE}[39m`);
    expect(text()).toBe(`${ESCAPE}[32mhealthy${ESCAPE}[39m \\u001b[32mhealthy\\u001b[39m`);
  });

  it('paints a hostile text without obeying it', () => {
    const { screen, text } = terminal();
    screen.write(screen.paint('red', `x${ESCAPE}]0;owned\u0007`));
    expect(text()).toBe(`${ESCAPE}[31mx\\u001b]0;owned\\u0007${ESCAPE}[39m`);
  });

  it('takes no colours from another ink', () => {
    const own = createInk(true, 'key-1');
    const other = createInk(true, 'key-2');
    expect(own.dry(other.paint('red', 'x'))).toBe('\\u001bkey-2[31mx\\u001bkey-2[39m');
  });

  it('draws a line and the whole anew, with the same care', () => {
    const { screen, text } = terminal();
    screen.rewriteLine(`half${ESCAPE}[2J\n`);
    screen.rewriteLine();
    screen.rewrite(`${screen.paint('dim', 'all')}${ESCAPE}[2J\n`);
    expect(text()).toBe(
      `\r${ESCAPE}[Khalf\\u001b[2J\\u000a\r${ESCAPE}[K${ESCAPE}[1;1H${ESCAPE}[0J${ESCAPE}[2mall${ESCAPE}[22m\\u001b[2J\n`,
    );
  });

  it('follows the size of its terminal', () => {
    const { screen, output } = terminal();
    output.columns = 20;
    expect(screen.columns).toBe(20);
  });

  it('leaves JSON valid, with the same meaning', () => {
    const { screen, text } = terminal(false);
    const value = { message: `\u202e${ESCAPE}\u009b\u2028\u{e0041}\ud800 "\\` };
    screen.write(JSON.stringify(value, null, 2));
    expect(JSON.parse(text())).toEqual(value);
    expect(text()).not.toMatch(/[^\P{C}\n]/u);
  });
});

describe('the command', () => {
  const sources = repositoryFiles().filter((path) => /^cli\/.*\.ts$/.test(path));
  const holding = (pattern: RegExp) => sources.filter((path) => pattern.test(readRepositoryFile(path)));

  it('reaches the terminal itself only where prompts draw', () => {
    expect(holding(/\.terminal\b/)).toEqual(['cli/prompts.ts']);
    expect(holding(/process\.std(?:out|err)\b/)).toEqual(['cli/main.ts']);
  });

  it('has its escape sequences in one place', () => {
    expect(holding(/\\u001b|\\x1b|node:readline/i)).toEqual(['cli/text/screen.ts']);
  });
});
