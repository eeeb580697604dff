import { stripTypeScriptTypes } from 'node:module';
import { init, parse } from 'es-module-lexer';

await init;

/**
 * Every module that TypeScript source imports, types included: static and dynamic imports, re-exports,
 * and `import('…')` inside a type. Type-only statements are made plain before types are stripped, or
 * they would vanish with them.
 */
export function importedModules(source: string): string[] {
  const withTypes = source
    .replace(/^(\s*import\s+)type\s+(?=[\w$*{])(?!from\s*['"])/gm, '$1')
    .replace(/^(\s*export\s+)type\s+(?=[*{])/gm, '$1');
  const [statements] = parse(stripTypeScriptTypes(withTypes));
  const inTypes = [...source.matchAll(/\bimport\(\s*(['"])([^'"\n]+)\1\s*[),]/g)].map((match) => match[2]);
  const all = [...statements.map(({ n }) => n), ...inTypes].filter((name) => name !== undefined);
  return [...new Set(all)].sort();
}
