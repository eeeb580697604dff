import type { babel } from '@stryker-mutator/core';

type Path = babel.NodePath;
type Node = Path['node'];

const MESSAGE = 'the text of a message';
const LEVELS = new Set(['debug', 'info', 'warn', 'error']);

/** Where an error takes its message; all others take it first. */
const MESSAGE_ARGUMENT: Readonly<Record<string, number>> = { TokenError: 2 };

/**
 * Leaves out the words of messages: a text that stands where `new SomeError(…)` or `log.warn(…)` take their
 * message. Nothing else, so the kind and the code of an error, the fields of a log line and all that is
 * computed within a message are still mutated.
 */
function shouldIgnore(path: Path): string | undefined {
  if (path.listKey !== 'arguments' || !isPlainText(path.node)) return undefined;
  return path.key === messageArgument(path.parent) ? MESSAGE : undefined;
}

function messageArgument(call: Path['parent']): number | undefined {
  if (call.type === 'NewExpression' && call.callee.type === 'Identifier') {
    const { name } = call.callee;
    return name.endsWith('Error') ? (MESSAGE_ARGUMENT[name] ?? 0) : undefined;
  }
  if (call.type !== 'CallExpression' || call.callee.type !== 'MemberExpression') return undefined;
  const { object, property } = call.callee;
  return nameOf(object) === 'log' && LEVELS.has(nameOf(property) ?? '') ? 0 : undefined;
}

/** `log` of both `log` and `ports.log`. */
function nameOf(node: Node): string | undefined {
  if (node.type === 'MemberExpression') return nameOf(node.property);
  return node.type === 'Identifier' ? node.name : undefined;
}

/** A text into which nothing but names is put: what is ignored hides all that stands inside it. */
function isPlainText(node: Node): boolean {
  if (node.type === 'StringLiteral') return true;
  return node.type === 'TemplateLiteral' && node.expressions.every((part) => nameOf(part) !== undefined);
}

export const strykerPlugins = [{ kind: 'Ignore', name: 'messages', value: { shouldIgnore } }];
