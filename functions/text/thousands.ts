/** A whole number with commas: `12,345`. As `toLocaleString('en-US')`, without loading all that Intl knows. */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
