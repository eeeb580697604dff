/** The version of this package, as package.json has it. */
export const VERSION = '0.1.0';

/** Some providers refuse requests without a User-Agent. */
export const USER_AGENT = `evertoken/${VERSION}`;
