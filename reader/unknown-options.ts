/** @throws TypeError that names the first of `unknown`, what is left of an object once the known keys are taken. */
export function refuseUnknown(unknown: object): void {
  for (const key of Object.keys(unknown)) throw new TypeError(`unknown option "${key}"`);
}
