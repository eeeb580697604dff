import { readRepositoryFile } from '../../../support/source-files.ts';

/** The commands that a page shows for a shell, in its order, each as one line; without what is said beside them. */
export function shownCommands(page: string): readonly string[] {
  const blocks = [...readRepositoryFile(page).matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(
    ([, text = '']) => text,
  );
  return blocks.flatMap((block) => commandsOf(block));
}

/** Lines that continue belong together; so does what stands between `if` and `fi`. */
function commandsOf(block: string): string[] {
  const lines = block
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/\s+#\s.*$/, '').trimEnd())
    .filter((line) => line !== '');
  const commands: string[] = [];
  let open = false;
  for (const line of lines) {
    if (open) commands.push(`${commands.pop() ?? ''}\n${line}`);
    else commands.push(line);
    if (/^if /.test(line)) open = true;
    if (/^fi\b/.test(line)) open = false;
  }
  return commands;
}
