import { describe, expect, it } from 'vitest';
import type { Mark } from '../../../functions/status-page/connection-view.ts';
import { timeline } from '../../../functions/status-page/timeline.ts';
import { DAY, HOUR, MINUTE, NOW } from '../refresh/state-of.ts';

const NONE = { obtainedAt: undefined, expiresAt: undefined, dueAt: undefined };
const HALF = { obtainedAt: NOW - 30 * MINUTE, expiresAt: NOW + 30 * MINUTE, dueAt: NOW + 20 * MINUTE };

/** Where a bar or stroke begins and how wide it is, in units of 300. */
function drawn(svg: string, kind: string) {
  const [, x, width] = new RegExp(`<rect class="${kind}" x="([^"]+)"[^>]* width="([^"]+)"`).exec(svg) ?? [];
  return x === undefined
    ? undefined
    : { from: Math.round(Number(x)), to: Math.round(Number(x) + Number(width)) };
}
const strokes = (svg: string, kind: string) =>
  [...(new RegExp(`<path class="${kind}" d="([^"]+)"`).exec(svg)?.[1] ?? '').matchAll(/M([\d.]+)/g)].map(
    ([, x]) => Math.round(Number(x)),
  );

describe('a timeline', () => {
  it('shows the life of the token from when it was obtained, the window in which it is refreshed, and now', () => {
    const svg = String(timeline(HALF, [], NOW));
    const now = strokes(svg, 'now')[0] ?? 0;
    expect(drawn(svg, 'life')).toEqual({ from: 0, to: now * 2 });
    expect(drawn(svg, 'window')?.to).toBe(now * 2);
    expect(drawn(svg, 'window')?.from).toBeCloseTo(now + (now * 20) / 30, 0);
    expect(drawn(svg, 'gap')).toBeUndefined();
    expect(svg).toContain('aria-label="token obtained 30 min ago, expires in 30 min; refresh due in 20 min"');
  });

  it('shows how long there has been no token that works', () => {
    const svg = String(timeline({ ...HALF, obtainedAt: NOW - 3 * DAY, expiresAt: NOW - 2 * DAY }, [], NOW));
    expect(drawn(svg, 'gap')?.to).toBe(strokes(svg, 'now')[0]);
    expect(drawn(svg, 'gap')?.from).toBe(drawn(svg, 'life')?.to);
    expect(svg).toContain('expired 2 days ago');
  });

  it('shows what came of the tries before, and says how many', () => {
    const marks: Mark[] = [
      { at: NOW - 2 * HOUR, kind: 'refreshed' },
      { at: NOW - HOUR, kind: 'failed' },
      { at: NOW - 30 * MINUTE, kind: 'refreshed' },
    ];
    const svg = String(timeline(HALF, marks, NOW));
    const now = strokes(svg, 'now')[0] ?? 0;
    expect(strokes(svg, 'refreshed')).toEqual([0, expect.closeTo(now * 0.75, -0.5)]);
    expect(strokes(svg, 'failed')).toEqual([expect.closeTo(now / 2, -0.5)]);
    expect(svg).toContain('of the last 3 tries 2 refreshed, 1 failed');
  });

  it('leaves out what was long before the token, unless it is asked for', () => {
    const marks: Mark[] = [{ at: NOW - 3 * DAY, kind: 'failed' }];
    expect(strokes(String(timeline(HALF, marks, NOW)), 'failed')).toEqual([]);
    expect(strokes(String(timeline(HALF, marks, NOW, NOW - 3 * DAY)), 'failed')).toEqual([0]);
  });

  it('draws a connection that never had a token', () => {
    const svg = String(timeline({ ...NONE, dueAt: NOW + MINUTE }, [], NOW));
    expect(svg).toContain('no token yet; refresh due in 60 s');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(String(timeline(NONE, [], NOW))).toContain('no token yet; paused');
  });

  it.each([
    { obtainedAt: NOW, expiresAt: NOW, dueAt: NOW },
    { obtainedAt: NOW + DAY, expiresAt: NOW - DAY, dueAt: NOW - DAY },
    { obtainedAt: 0, expiresAt: 8.64e15, dueAt: 0 },
    { obtainedAt: NOW - 1, expiresAt: NOW + 1, dueAt: NOW },
  ])('draws within its frame whatever the state holds: %j', (view) => {
    const svg = String(timeline(view, [{ at: NOW, kind: 'failed' }], NOW));
    expect(svg).not.toMatch(/NaN|Infinity|undefined|e\+/);
    for (const [, x] of svg.matchAll(/(?:x="|M)(-?[\d.]+)/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x)).toBeLessThanOrEqual(300);
    }
  });
});
