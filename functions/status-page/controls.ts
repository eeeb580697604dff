import type { ActionKind } from './actions.ts';
import type { Content, Html } from './html.ts';
import type { PageQuery } from './query.ts';

/** How a page is moved about in and its buttons pressed: by links and forms, or by the actions of a dashboard. */
export interface Controls {
  /** Whether there are buttons for who looks. */
  readonly mayAct: boolean;
  link(label: Content, to: PageQuery, options?: LinkOptions): Html;
  /** The fields with a button that looks for what they say. */
  filters(fields: Content, query: PageQuery): Html;
  /** Puts around the part of the page whose buttons `button` makes. */
  actions(content: Content, query: PageQuery): Html;
  button(press: Press): Html;
  /** Asks before that connection is paused, where the button itself cannot. */
  confirmation(connection: string, query: PageQuery): Html | undefined;
}

export interface LinkOptions {
  readonly kind?: 'tile' | 'name' | 'plain';
  /** It leads to where one is. */
  readonly isCurrent?: boolean;
}

export interface Press {
  readonly kind: ActionKind;
  readonly connection: string;
  readonly label: string;
  /** What is shown, and shown again when it is done. */
  readonly query: PageQuery;
}

/** What is asked before a connection is paused. */
export function pauseQuestion(connection: string): string {
  return `Pause ${connection}? Nothing refreshes it until somebody resumes it: its token expires in time, and its refresh token may die of disuse.`;
}

/** Whether a query asks for less than all. */
export function isFiltered({ health, provider, name, trouble }: PageQuery): boolean {
  return [health, provider, name, trouble].some((each) => each !== undefined);
}
