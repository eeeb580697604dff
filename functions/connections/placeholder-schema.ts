import * as z from 'zod';

/** One value that an operator fills into a preset's URLs and templates, such as the host of a tenant. */
export const placeholderSchema = z.strictObject({
  description: z.string().min(1),
  /** A regular expression that the whole value must match; it keeps a value from leaving its place in the URL. */
  pattern: z.string().optional(),
  /** What an operator may write, and what is filled in for it: `{"sandbox": "test.example.com"}`. */
  values: z.record(z.string().min(1), z.string().min(1)).optional(),
  /** What is taken where an operator writes nothing. */
  default: z.string().min(1).optional(),
  example: z.string().min(1),
});
export type Placeholder = z.infer<typeof placeholderSchema>;
