/** Writes the files that are made from others: `npm run generate`. */
import { writeFileSync } from 'node:fs';
import { generatedFiles } from './infra/generated-files.ts';

for (const [path, text] of generatedFiles()) {
  writeFileSync(new URL(path, import.meta.url), text);
  console.log(path);
}
