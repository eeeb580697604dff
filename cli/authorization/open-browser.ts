import type { OpenBrowser } from './browser-sign-in.ts';

/** Opens an address in the person's own browser. */
export const openSystemBrowser: OpenBrowser = async (url) => {
  const { default: open } = await import('open');
  const browser = await open(url);
  // It may fail after it was started; the address is printed anyway.
  browser.on('error', () => undefined);
};
