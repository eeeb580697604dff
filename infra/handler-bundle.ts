import { fileURLToPath } from 'node:url';

/** The functions that are deployed: files of `functions/handlers/`, each exporting `handler`. */
export const HANDLERS = [
  'refresh-due',
  'refresh-now',
  'reconcile',
  'rotate-secret',
  'status-widget',
  'status-action',
] as const;
export type HandlerName = (typeof HANDLERS)[number];

export const HANDLERS_FOLDER = 'functions/handlers';

/** The provider presets, which a bundle reads on first use from the folder that it lies in. */
export const PRESETS_FOLDER = 'functions/providers';

/** Where `npm run build` puts the bundles, from the root of the repository. */
export const BUNDLES_FOLDER = 'dist/lambda';

/** The root of the repository that this file is in. */
export const repositoryRoot = () => fileURLToPath(new URL('../', import.meta.url));
