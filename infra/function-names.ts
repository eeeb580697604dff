import { ts } from 'ts-morph';

/**
 * The function that a place in a source lies in, as a stack trace names it: `exchange`, `Tick.run`, `new Tick`.
 * @param line counted from 1, as is `column`
 * @returns `undefined` where it has no name, or lies in none
 */
export function functionNameAt(source: string, line: number, column: number): string | undefined {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  if (line > file.getLineStarts().length) return undefined;
  const position = file.getPositionOfLineAndCharacter(line - 1, 0) + column - 1;
  const innermost = functionAt(file, position);
  return innermost && nameOf(innermost);
}

function functionAt(node: ts.Node, position: number): ts.FunctionLikeDeclaration | undefined {
  const inner = ts.forEachChild(node, (child) =>
    position >= child.getStart() && position < child.end ? functionAt(child, position) : undefined,
  );
  if (inner !== undefined) return inner;
  return ts.isFunctionLike(node) && 'body' in node ? (node as ts.FunctionLikeDeclaration) : undefined;
}

function nameOf(node: ts.FunctionLikeDeclaration): string | undefined {
  const { parent } = node;
  if (ts.isConstructorDeclaration(node)) return `new ${classOf(node)}`;
  const own = node.name?.getText();
  if (ts.isClassLike(parent)) return own && `${classOf(node)}.${own}`;
  if (own !== undefined) return own;
  const isNamedByParent =
    ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent);
  return isNamedByParent ? parent.name.getText() : undefined;
}

function classOf({ parent }: ts.Node): string {
  return (ts.isClassLike(parent) && parent.name?.getText()) || '<anonymous>';
}
