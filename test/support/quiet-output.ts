import { vi } from 'vitest';

/** What is printed while it is open, and shown to nobody. */
export interface QuietOutput extends Disposable {
  text(): string;
}

/** Catches what loggers and metrics write to this process's standard output and error. */
export function quietOutput(): QuietOutput {
  let text = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      return true;
    }),
  );
  return {
    text: () => text,
    [Symbol.dispose]() {
      for (const spy of spies) spy.mockRestore();
    },
  };
}
