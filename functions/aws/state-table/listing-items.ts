import type { Listing, StateTable } from '../../refresh/ports/state-table.ts';
import { SCHEMA } from '../stored-schema.ts';
import type { ItemTable } from './item-table.ts';

const LISTING = 'listing';
/** An item holds 400 KB. */
const PART_BYTES = 360_000;

const partKey = (part: number) => `${LISTING}#${part}`;

/** How far reconciling has come with the listing of the declarations: one item, and parts of what it has seen so far. */
export function createListingItems(items: ItemTable): Pick<StateTable, 'keepListing' | 'lastListing'> {
  return {
    async keepListing({ seen, ...listing }, options) {
      const { keptAt } = listing;
      const parts = Math.ceil((seen?.byteLength ?? 0) / PART_BYTES);
      for (let part = 0; part < parts; part += 1) {
        const names = seen?.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
        await items.put({ pk: partKey(part), schema: SCHEMA, keptAt, names }, options);
      }
      // Last, so that it never speaks of a part that is not there.
      const known = Object.fromEntries(Object.entries(listing).filter(([, value]) => value !== undefined));
      await items.put({ pk: LISTING, schema: SCHEMA, ...known, ...(seen && { parts }) }, options);
    },

    async lastListing(options): Promise<Listing | undefined> {
      const item = await items.read(LISTING, options);
      if (item === undefined) return undefined;
      const { startedAt, keptAt, declared, next, parts } = item;
      const listing = {
        startedAt: Number(startedAt),
        keptAt: Number(keptAt),
        declared: Number(declared),
        ...(typeof next === 'string' && { next }),
      };
      if (typeof parts !== 'number') return listing;
      const found: Uint8Array[] = [];
      for (let part = 0; part < parts; part += 1) {
        const { keptAt: partOf, names } = (await items.read(partKey(part), options)) ?? {};
        // Another run has kept its own meanwhile.
        if (partOf !== keptAt || !(names instanceof Uint8Array)) return undefined;
        found.push(names);
      }
      return { ...listing, seen: Buffer.concat(found) };
    },
  };
}
