// Made from functions/providers/*.json by "npm run generate".
import type { Provider } from './constructs/connection-options.ts';

/** The providers whose behaviour is known. Where their URLs differ by customer, an entry is a function. */
export const presets = {
  /** Kajabi: https://developers.kajabi.com/api-reference/authentication/get-access-token */
  kajabi: {
    provider: 'kajabi',
  } satisfies Provider,
  /** SlashID: https://developer.slashid.dev/docs/api/post-oauth-2-tokens */
  slashid: {
    provider: 'slashid',
  } satisfies Provider,
};
