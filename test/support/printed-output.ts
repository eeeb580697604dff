/** What a test file prints, by console, logger or stream. */
export interface PrintedOutput {
  /** All that was printed since the last call. */
  take(): string;
  /** Listens no more. */
  end(): void;
}

type Write = NodeJS.WriteStream['write'];

/**
 * Listens to what this process prints, and lets it through. Standard output and error are patched for
 * loggers that write to them; the console too, since vitest gives tests one that goes elsewhere.
 */
export function capturePrintedOutput(): PrintedOutput {
  let printed = '';
  const undo: (() => void)[] = [];
  for (const stream of streams()) {
    const write = stream.write;
    undo.push(() => {
      stream.write = write;
    });
    stream.write = function (this: typeof stream, chunk: string | Uint8Array, ...rest: unknown[]) {
      printed += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      return Reflect.apply(write, this, [chunk, ...rest]);
    } as Write;
  }
  return {
    take() {
      const taken = printed;
      printed = '';
      return taken;
    },
    end() {
      for (const each of undo) each();
    },
  };
}

/** A console keeps the streams that it writes to in properties that Node documents nowhere else. */
function streams(): Set<{ write: Write }> {
  const own = console as unknown as Record<'_stdout' | '_stderr', { write: Write } | undefined>;
  const found = new Set(
    [process.stdout, process.stderr, own._stdout, own._stderr].filter((stream) => stream !== undefined),
  );
  if (found.size === 0) throw new Error('found no stream to listen to');
  return found;
}
