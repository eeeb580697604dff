import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { ts } from 'ts-morph';
import { repositoryRoot } from './handler-bundle.ts';

/** What is imported, by the module that exports it. */
const ENTRIES = [
  { name: 'evertoken', path: 'infra/index.ts', about: 'Constructs for CDK apps of one’s own.' },
  {
    name: 'evertoken/reader',
    path: 'reader/index.ts',
    about: 'Reads tokens in Node, from Lambda, ECS or anywhere that AWS credentials reach.',
  },
];

const INTRODUCTION = `# API

Made from the sources by \`npm run generate\`. \`evertoken/presets\` exports \`presets\` alone, as \`evertoken\` does: an
entry for each of the [providers](providers.md), which is a function where their URLs differ by customer.
`;

type Declaration =
  | ts.ClassDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration
  | ts.FunctionDeclaration;

/** Every export with its members: what each is, its default, what it throws. @returns Markdown */
export function apiReference(): string {
  const sections = ENTRIES.map(({ name, path, about }) => {
    const exported = exportsOf(path)
      .map(declarationText)
      .filter((text) => text !== '');
    return `## ${name}\n\n${about}\n\n${exported.join('\n')}`;
  });
  return [INTRODUCTION, ...sections].join('\n');
}

/** The declarations that a module exports from others, in its own order. */
function exportsOf(path: string): Declaration[] {
  return sourceOf(path).statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause || !statement.moduleSpecifier)
      return [];
    if (!ts.isNamedExports(statement.exportClause)) return [];
    const from = posix.join(posix.dirname(path), (statement.moduleSpecifier as ts.StringLiteral).text);
    const declared = sourceOf(from).statements.filter(isDeclaration);
    const names = statement.exportClause.elements.map(({ name }) => name.text);
    return names.flatMap((name) => declared.filter((one) => one.name?.text === name));
  });
}

function sourceOf(path: string): ts.SourceFile {
  const text = readFileSync(`${repositoryRoot()}${path}`, 'utf8');
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

function isDeclaration(node: ts.Statement): node is Declaration {
  return (
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isFunctionDeclaration(node)
  );
}

function declarationText(node: Declaration): string {
  const head = `### ${node.name?.text}\n\n`;
  const about = paragraph(node);
  if (ts.isTypeAliasDeclaration(node)) return `${head}${about}\`\`\`ts\n${node.getText()}\n\`\`\`\n`;
  if (ts.isFunctionDeclaration(node)) return `${head}${about}\`\`\`ts\n${signature(node)}\n\`\`\`\n`;
  const bases = (node.heritageClauses ?? []).map((clause) => oneLine(clause.getText())).join(' ');
  const members: readonly ts.Node[] = node.members;
  const rows = members.filter(isPublic).map(row);
  const table = rows.length === 0 ? '' : `| member | | default |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  return `${head}${about}${bases === '' ? '' : `\`${bases}\`\n\n`}${table}`;
}

function isPublic(member: ts.Node): boolean {
  const named = (member as ts.NamedDeclaration).name;
  if (named !== undefined && ts.isPrivateIdentifier(named)) return false;
  if (ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal')) return false;
  return !/^(private|protected)\b/.test(member.getText());
}

function row(member: ts.Node): string {
  const [fallback = ''] = tags(member, 'default');
  const thrown = tags(member, 'throws').map((text) => `Throws ${text}.`);
  const about = [comment(member), ...thrown].filter((text) => text !== '').join(' ');
  return `| \`${cell(signature(member))}\` | ${cell(about)} | ${cell(fallback.replace(/^- /, ''))} |`;
}

/** As it is written, without its body and its comments. */
function signature(node: ts.Node): string {
  const { body } = node as { body?: ts.Node };
  const text = node.getSourceFile().text.slice(node.getStart(), body?.getStart() ?? node.getEnd());
  return oneLine(text.replace(/^export /, '').replace(/\/\*\*[\s\S]*?\*\//g, '')).replace(/;$/, '');
}

function paragraph(node: ts.Node): string {
  const thrown = tags(node, 'throws').map((text) => `Throws ${text}.`);
  const text = [comment(node), ...thrown].filter((part) => part !== '').join(' ');
  return text === '' ? '' : `${text}\n\n`;
}

function comment(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return oneLine(ts.getTextOfJSDocComment(doc?.comment) ?? '');
}

function tags(node: ts.Node, name: string): string[] {
  const found = ts.getJSDocTags(node).filter(({ tagName }) => tagName.text === name);
  return found.map((tag) => {
    // Of `@throws`, the parser takes the first word for a type.
    const text = tag.getText().replace(/^@\w+\s*/, '');
    return oneLine(text.replace(/^\s*\*\/?/gm, ''));
  });
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

const cell = (text: string) => text.replaceAll('|', '\\|');
