import { durationText } from '../text/times.ts';
import { type Html, html } from './html.ts';

/** `2026-11-27 08:10:12 UTC`. */
export function utcText(at: number): string {
  return `${isoText(at).slice(0, 19).replace('T', ' ')} UTC`;
}

/** An instant of whatever is stored, in ISO 8601; what is none is shown as the number that it is. */
export function isoText(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? `at ${at}` : date.toISOString();
}

/** `in 42 min`, `3 days ago`; the instant itself is told by whoever is pointed at it. */
export function relative(at: number, now: number): Html {
  const text = at > now ? `in ${durationText(at - now)}` : `${durationText(now - at)} ago`;
  return html`<time datetime="${isoText(at)}" title="${utcText(at)}">${text}</time>`;
}
