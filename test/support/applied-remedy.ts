import type { FitInput, FitProblem } from '../../functions/connections/fit.ts';

/** The connections that the choices of a remedy of `fit` lead to. */
export function appliedRemedy({ remedy }: Pick<FitProblem, 'remedy'>, input: FitInput): FitInput[] {
  return remedy.split(', or ').map((choice) => {
    const number = (pattern: RegExp) => {
      const match = pattern.exec(choice);
      return match ? Number(match[1]) : undefined;
    };
    return {
      ...input,
      place: choice.includes('"publishTo" to "parameter"') ? 'parameter' : input.place,
      lifetimeSeconds: number(/live at least (\d+) s/) ?? input.lifetimeSeconds,
      marginSeconds: number(/set marginSeconds to (\d+)/) ?? input.marginSeconds,
      readerCacheSeconds:
        number(/readerCacheSeconds at most (\d+)/) ??
        number(/cache for at most (\d+)/) ??
        input.readerCacheSeconds,
    };
  });
}
