import { PassThrough } from 'node:stream';
import type { Input } from '../../../cli/io.ts';

/** Questions in the order in which they come, a part of each, and what is typed. */
export type Dialogue = readonly (readonly [question: string, answer: string])[];

export interface OutputOptions {
  readonly onWrite?: (text: string) => void;
  /** Of the terminal. Default 80. */
  readonly columns?: number;
}

/** A terminal at which somebody types. */
export function typedTerminal(dialogue: Dialogue) {
  const output = outputOf({}, true);
  return { stdin: typist(dialogue, output), output: output.output, text: output.text };
}

/** An output that is written down. */
export function outputOf({ onWrite, columns = 80 }: OutputOptions, isTTY: boolean) {
  const written: string[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => {
    written.push(chunk.toString('utf8'));
    onWrite?.(chunk.toString('utf8'));
  });
  // A prompt ends its output with itself, but for a process's own streams.
  const end = () => stream;
  const output = Object.assign(stream, { isTTY, columns, rows: 24, end });
  return { output, text: () => written.join(''), stream };
}

/** Answers each question, once it shows, with its text and Enter. */
export function typist(answers: Dialogue, { stream }: { readonly stream: PassThrough }): Input {
  const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => keyboard });
  const left = [...answers];
  let seen = '';
  stream.on('data', (chunk: Buffer) => {
    seen += chunk.toString('utf8');
    const next = left[0];
    if (next === undefined || !seen.includes(next[0])) return;
    left.shift();
    seen = '';
    setImmediate(() => keyboard.write(`${next[1]}\r`));
  });
  return keyboard;
}
