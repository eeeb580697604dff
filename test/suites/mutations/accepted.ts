/** A mutant that may survive. */
export interface Accepted {
  /** From the root of the repository. */
  readonly file: string;
  /** A fragment of the line on which the mutated code begins, each run of blanks as one. */
  readonly code: string;
  /** A fragment of what is printed of the mutant, `Mutator: original → mutant`. @default all of that line */
  readonly mutant?: string;
  /** Why no test should notice it. */
  readonly reason: string;
}

export const ACCEPTED: readonly Accepted[] = [
  {
    file: 'functions/refresh/attempt-ledger.ts',
    code: 'if (isOwn && versionId !== undefined) this.#permit',
    mutant: 'versionId !== undefined → true',
    reason: 'a permit for no version is a permit for none: nothing is sent whose version is undefined',
  },
  {
    file: 'functions/refresh/attempt-ledger.ts',
    code: "if (this.#phase !== 'inherited' || attempt === undefined) return undefined;",
    mutant: 'attempt === undefined → false',
    reason: 'what is inherited has an id; the comparison is there for the type',
  },
  {
    file: 'functions/refresh/attempt-ledger.ts',
    code: 'return this.inherited?.sends ??',
    mutant: 'this.#written?.sends → this.#written.sends',
    reason: 'what was sent was written down; the question mark is there for the type',
  },
  {
    file: 'functions/refresh/rules/force.ts',
    code: 'if (obtainedAt !== undefined && obtainedAt >= requestedAt)',
    mutant: 'obtainedAt !== undefined → true',
    reason: 'undefined is not greater than anything',
  },
  {
    file: 'functions/refresh/rules/force.ts',
    code: 'if (lastAt > 0 && now - lastAt < timing.forceGapMs)',
    mutant: 'lastAt > 0 → ',
    reason: 'without an exchange the gap is counted from 1970, and is over',
  },
  {
    file: 'functions/refresh/rules/retry-schedule.ts',
    code: 'const at = expiresAt === undefined ? undefined : expiresAt - LAST_CHANCE_MS;',
    mutant: 'expiresAt === undefined → false',
    reason: 'an instant that is NaN is not ahead either',
  },
  {
    file: 'functions/refresh/rules/retry-schedule.ts',
    code: 'return at !== undefined && at > now ? at : undefined;',
    mutant: 'at !== undefined → true',
    reason: 'undefined is not ahead either',
  },
  {
    file: 'functions/refresh/rules/retry-schedule.ts',
    code: 'return expiresAt !== undefined && expiresAt > now &&',
    mutant: 'expiresAt !== undefined → true',
    reason: 'undefined is not later than now',
  },
  {
    file: 'functions/refresh/rules/retry-schedule.ts',
    code: 'const leftMs = expiresAt === undefined ? 0 : expiresAt - from;',
    mutant: 'expiresAt === undefined → false',
    reason: 'of an expiry that is NaN nothing is left',
  },
  {
    file: 'functions/refresh/cooldowns.ts',
    code: 'if (url === undefined || !URL.canParse(url)) return undefined;',
    mutant: 'url === undefined → false',
    reason: 'undefined is no URL either; the comparison is there for the type',
  },
  {
    file: 'functions/refresh/cooldowns.ts',
    code: "await this.#cool(keys.origin, error.code, 'origin', undefined, options);",
    mutant: '\'origin\' → ""',
    reason: 'the scope of a cooldown is that of a client, or any other',
  },
  {
    file: 'functions/refresh/fair-limit.ts',
    code: 'const line = key === undefined ? undefined : this.#waiting.get(key);',
    mutant: 'key === undefined → false',
    reason: 'no key has no line',
  },
  {
    file: 'functions/refresh/fair-limit.ts',
    code: 'if (key === undefined || line === undefined) return;',
    mutant: '=== undefined',
    reason: 'a key that waits has a line, and no key has none: both are compared for the type',
  },
  {
    file: 'functions/refresh/fair-limit.ts',
    code: 'start?.();',
    mutant: 'start?.() → start()',
    reason: 'a line that is kept is not empty; the question mark is there for the type',
  },
  {
    file: 'functions/refresh/fair-limit.ts',
    code: 'if (running === 0) this.#running.delete(key);',
    mutant: 'running === 0 → false',
    reason: 'a key that is kept with nothing under way counts as one that is not kept; it only takes memory',
  },
  {
    file: 'functions/refresh/reconcile.ts',
    code: 'const grants = definition.grants ?? preset?.grants ?? [REFRESH_TOKEN];',
    mutant: '[REFRESH_TOKEN] → []',
    reason: 'where no grant is known none can take the place of the refresh token either',
  },
  {
    file: 'functions/refresh/rules/expiry.ts',
    code: 'if (said !== undefined && said > 0) {',
    mutant: 'said !== undefined → true',
    reason: 'undefined is not greater than zero',
  },
  {
    file: 'functions/refresh/rules/expiry.ts',
    code: 'const isNewer = exp !== undefined && exp * 1000 > requestedAt;',
    mutant: 'exp !== undefined → true',
    reason: 'NaN is not greater than anything',
  },
  {
    file: 'functions/refresh/rules/expiry.ts',
    code: 'expiresAt === undefined || obtainedAt === undefined',
    reason: 'a last lifetime that is NaN is the same as no lifetime',
  },
  {
    file: 'functions/refresh/rules/health.ts',
    code: "const isFresh = lastOutcome === 'refreshed' && expiresAt !== undefined && expiresAt > now;",
    mutant: 'expiresAt !== undefined → true',
    reason: 'undefined is not later than now',
  },
  {
    file: 'functions/refresh/rules/need.ts',
    code: 'if (from === undefined || from <= now) return failure;',
    mutant: 'from === undefined → false',
    reason:
      'only of a paused connection none is known, and that is answered before; it is compared for the type',
  },
  {
    file: 'functions/refresh/rules/need.ts',
    code: 'if (expiresAt !== undefined && expiresAt > now) {',
    mutant: 'expiresAt !== undefined → true',
    reason: 'undefined is not later than now',
  },
  {
    file: 'functions/refresh/rules/refresh-token-end.ts',
    code: 'if (end === undefined || grants.some(',
    mutant: 'end === undefined → false',
    reason: 'of an end that is NaN no days are left',
  },
  {
    file: 'functions/refresh/rules/schedule.ts',
    code: 'if (end === undefined) return undefined;',
    mutant: 'end === undefined → false',
    reason: 'an instant that is NaN does not lie ahead',
  },
  {
    file: 'functions/refresh/steps/announce.ts',
    code: 'const confirm = dueAfterTold === undefined ? undefined :',
    mutant: 'dueAfterTold === undefined → false',
    reason: 'without an untold notice nothing is confirmed',
  },
  {
    file: 'functions/refresh/steps/announce.ts',
    code: 'if (before.expiresAt !== undefined && before.expiresAt <= now)',
    mutant: 'before.expiresAt !== undefined → true',
    reason: 'undefined is not earlier than now',
  },
  {
    file: 'functions/refresh/steps/announce.ts',
    code: 'before.refreshTokenExpiresAt !== undefined &&',
    mutant: 'before.refreshTokenExpiresAt !== undefined → true',
    reason: 'nothing is earlier than NaN',
  },
  {
    file: 'functions/refresh/steps/announce.ts',
    code: 'end !== undefined &&',
    reason: 'an end that is not known is not earlier than anything',
  },
  {
    file: 'functions/refresh/steps/announce.ts',
    code: '{ change, grants = [] }: Conclusion,',
    reason: 'what the grants decide is among the untold notices already',
  },
  {
    file: 'functions/refresh/rotate-secret.ts',
    code: "const { outcome = 'unknown', error } = result ?? {};",
    mutant: '\'unknown\' → ""',
    reason: 'one connection was asked for, so that there is one result; the outcome is there for the type',
  },
  {
    file: 'functions/refresh/steps/grant-chain.ts',
    code: 'if (until !== undefined && until > now) {',
    mutant: 'until !== undefined → true',
    reason: 'undefined is not later than now',
  },
  {
    file: 'functions/refresh/steps/grant-chain.ts',
    code: 'if (until !== undefined && until > now) return false;',
    mutant: 'until !== undefined → true',
    reason: 'undefined is not later than now',
  },
  {
    file: 'functions/refresh/steps/note-destination.ts',
    code: 'if (firstAt !== undefined && firstAt >= exchangedAt)',
    mutant: 'firstAt !== undefined → true',
    reason: 'undefined is not later than any exchange',
  },
  {
    file: 'functions/refresh/steps/exchange-grant.ts',
    code: 'if (grant.spends && sent !== undefined) {',
    mutant: 'sent !== undefined → true',
    reason: 'a grant that spends has a refresh token to spend; the comparison is there for the type',
  },
  {
    file: 'functions/refresh/steps/prove-writable.ts',
    code: 'if (!grant.spends || token === undefined) return undefined;',
    mutant: 'token === undefined → false',
    reason: 'a grant that spends has a refresh token to spend; the comparison is there for the type',
  },
  {
    file: 'functions/refresh/refresh-connection.ts',
    code: 'if (keys === undefined || cooledUntil === undefined) return undefined;',
    mutant: 'keys === undefined → false',
    reason: 'without keys nothing is left alone either; they are compared for the type',
  },
  {
    file: 'functions/refresh/refresh-due.ts',
    code: 'const after = this.#lookedAt === undefined ? {} :',
    mutant: 'this.#lookedAt === undefined → false',
    reason: 'looking after undefined is looking for all that is due; it is compared for the type',
  },
  {
    file: 'functions/refresh/refresh-due.ts',
    code: '} catch {',
    mutant: '{ return undefined; } → {}',
    reason: 'a block that returns nothing returns undefined',
  },
  {
    file: 'functions/refresh/rules/last-failure.ts',
    code: '...(state.lastErrorKind === undefined ? {} :',
    mutant: 'state.lastErrorKind === undefined → false',
    reason: 'a kind that is undefined is none; it is compared for the type',
  },
  {
    file: 'functions/refresh/rules/last-failure.ts',
    code: 'grants: definition.grants ?? [],',
    mutant: '[] → ["Stryker was here"]',
    reason: 'of the grants only the password is looked for',
  },
  {
    file: 'functions/refresh/steps/wait-for-person.ts',
    code: 'const isSoon = lookAt - now <= (timing.waiting[0]?.everyMs ?? 0);',
    mutant: 'timing.waiting[0]?.everyMs → timing.waiting[0].everyMs',
    reason: 'looks have a first tier; the question mark is there for the type',
  },
  {
    file: 'functions/oauth/request/device-authorization.ts',
    code: "const fields: ResponseFields | undefined = body.kind === 'fields' ?",
    mutant: "body.kind === 'fields' → true",
    reason: 'a body of another kind has no fields either; the kind is compared for the type',
  },
  {
    file: 'functions/oauth/request/device-authorization.ts',
    code: 'throw classifyErrorResponse(response, fields === undefined ? [] : [fields]',
    mutant: '[] → ["Stryker was here"]',
    reason: 'a text has none of the fields in which an error may stand',
  },
  {
    file: 'functions/oauth/request/device-authorization.ts',
    code: 'throw classifyErrorResponse(response, fields === undefined ? [] : [fields]',
    mutant: 'fields === undefined → false',
    reason: 'fields that are not there say as little as none',
  },
  {
    file: 'functions/oauth/request/device-authorization.ts',
    code: 'return value !== undefined && URL.canParse(value) &&',
    mutant: 'value !== undefined → true',
    reason: 'undefined is no URL either; the comparison is there for the type',
  },
  {
    file: 'functions/oauth/request/revocation-request.ts',
    code: "const sources: readonly ResponseFields[] = body.kind === 'fields' ?",
    mutant: "body.kind === 'fields' → true",
    reason: 'a body of another kind has no fields, which say as little as none',
  },
  {
    file: 'functions/oauth/request/revocation-request.ts',
    code: "const sources: readonly ResponseFields[] = body.kind === 'fields' ?",
    mutant: '[] → ["Stryker was here"]',
    reason: 'a text has none of the fields in which an error may stand',
  },
  {
    file: 'functions/oauth/transport/send-once.ts',
    code: 'if (status === undefined) return undefined;',
    mutant: 'status === undefined → false',
    reason: 'what ends, or came in pieces, has begun with a status; it is compared for the type',
  },
  {
    file: 'functions/oauth/transport/send-once.ts',
    code: 'if (response !== undefined) resolve(response);',
    mutant: 'response !== undefined → true',
    reason: 'an answer that ends has begun with a status; the other case is there for the type',
  },
  {
    file: 'functions/oauth/transport/send-once.ts',
    code: "else reject(deadline.error('unreadable_answer',",
    reason: 'an answer that ends has begun with a status; this case is there for the type',
  },
  {
    file: 'functions/oauth/transport/send-once.ts',
    code: "(Array.isArray(value) ? value[0] : value) ?? ''",
    mutant: '\'\' → "Stryker was here!"',
    reason: 'a header that came has a value; the empty text is there for the type',
  },
  {
    file: 'functions/oauth/transport/send-once.ts',
    code: "const named = (codings ?? '')",
    mutant: '\'\' → "Stryker was here!"',
    reason: 'a name that is no coding counts as little as an empty one',
  },
  {
    file: 'functions/oauth/transport/send-once.ts',
    code: '.map((coding) => coding.trim().replace(/^x-/,',
    mutant: '/^x-/ → /x-/',
    reason: 'no coding is named with x- in its middle',
  },
  {
    file: 'functions/oauth/response/response-body.ts',
    code: '} catch {',
    reason: 'a function that ends without a word returns undefined too',
  },
  {
    file: 'functions/oauth/response/response-body.ts',
    code: 'const value = found === undefined ? undefined : parseJson(found)?.value;',
    mutant: 'found === undefined → false',
    reason: 'undefined is no JSON either; the comparison is there for the type',
  },
  {
    file: 'functions/oauth/discovery/issuer-metadata.ts',
    code: "const fields = status === 200 && body.kind === 'fields' ? body.fields : undefined;",
    mutant: "ConditionalExpression: body.kind === 'fields' → true",
    reason: 'a body of another kind has no fields; the comparison is there for the type',
  },
  {
    file: 'functions/oauth/response/token-response.ts',
    code: "const top = body.kind === 'fields' ? body.fields : undefined;",
    mutant: "body.kind === 'fields' → true",
    reason: 'a body of another kind has no fields; the comparison is there for the type',
  },
  {
    file: 'functions/oauth/response/token-response.ts',
    code: 'const sources = [...new Set([envelope, top])].filter((each) => each !== undefined);',
    mutant: 'each !== undefined → true',
    reason: 'an object that is not there has no field that could be read; it is left out for the type',
  },
  {
    file: 'functions/oauth/response/token-response.ts',
    code: 'const sources = [...new Set([envelope, top])].filter((each) => each !== undefined);',
    mutant: 'MethodExpression',
    reason: 'an object that is not there has no field that could be read; it is left out for the type',
  },
];
