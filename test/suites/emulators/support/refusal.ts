/** The name of the error with which a call is refused; `undefined` when it is not. */
export async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown';
  }
}
