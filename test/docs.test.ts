import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRepositoryFile, repositoryFiles } from './support/source-files.ts';

const files = repositoryFiles();
/** Templates are parts of pages, and no pages. */
const pages = files.filter((path) => path.endsWith('.md') && !/^\.github\/|\/templates\//.test(path));

/** Without what is code: there brackets are none. */
const prose = (path: string) =>
  readRepositoryFile(path)
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, 'code');

const linksOf = (path: string) =>
  [...prose(path).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));

const [ownPage, slash] = ['', '/'];
const targetOf = (from: string, link: string) => {
  const [path = ownPage] = link.split('#');
  return path === '' ? from : posix.join(posix.dirname(from), path).replace(/\/$/, '');
};

/** As the field's hosts make one of a heading. */
function anchorsOf(path: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const text = readRepositoryFile(path).replace(/^```[\s\S]*?^```/gm, '');
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
  const ids = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id);
  return new Set([
    ...ids,
    ...headings.map((anchor) => {
      const times = seen.get(anchor) ?? 0;
      seen.set(anchor, times + 1);
      return times === 0 ? anchor : `${anchor}-${times}`;
    }),
  ]);
}

describe.each(pages)('%s', (page) => {
  test('leads to files and sections that are there', () => {
    const dead = linksOf(page).filter((link) => {
      const target = targetOf(page, link);
      const isThere = files.includes(target) || files.some((file) => file.startsWith(`${target}${slash}`));
      const [, anchor] = link.split('#');
      return !isThere || (anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor));
    });
    expect(dead).toEqual([]);
  });
});

test('README.md is read in one sitting, and leads to every page', () => {
  expect(readRepositoryFile('README.md').split('\n').length - 1).toBeLessThan(200);
  const reached = new Set<string>();
  const wanted = ['README.md'];
  for (let page = wanted.pop(); page !== undefined; page = wanted.pop()) {
    if (reached.has(page)) continue;
    reached.add(page);
    wanted.push(
      ...linksOf(page)
        .map((link) => targetOf(page as string, link))
        .filter((target) => target.endsWith('.md') && files.includes(target)),
    );
  }
  expect(pages.filter((page) => !reached.has(page))).toEqual([]);
});

test.each(['getting-started', 'providers', 'runbook', 'operating-at-scale', 'constructs', 'api'])(
  'README.md leads to docs/%s.md by itself',
  (page) => {
    expect(linksOf('README.md').map((link) => targetOf('README.md', link))).toContain(`docs/${page}.md`);
  },
);
