import * as z from 'zod';

/**
 * What a schema asks beyond its form, by a function that answers `undefined` when a value has it: shapes, which are made
 * from schemas, ask the same.
 */
export const judges = z.registry<{ readonly problem: (value: never) => unknown }>();
