import {
  type DeploymentSettings,
  type SettingName,
  USUAL_SETTINGS,
} from '../../functions/connections/deployment-settings.ts';
import { SynthProblem } from '../synth-problem.ts';
import { lastSettings, namespacesIn, notedNamespaces } from './last-assembly.ts';
import type { Settings } from './read-settings.ts';

/** Whoever says one of these says who is told. */
const WHO_IS_TOLD: readonly SettingName[] = ['alarmEmail', 'alarmTopicArn'];

/** These stay as they are for good, whatever is said. */
const FOR_GOOD: readonly SettingName[] = ['encryption', 'keyArn'];

/**
 * Stops a synthesis that would change, in silence, what the last one in the same folder had: an upgrade must not take
 * back what was once given on a command line. What the file, or the context, says now is no silence; but keys and
 * namespace stay as they are unless the context allows the change by name.
 * @param outdir the folder of the assembly
 * @throws SynthProblem with what would change, how it is kept, and how it is changed all the same
 */
export function refuseSilentChange(outdir: string, settings: Settings): void {
  refuseOtherNamespace(outdir, settings);
  const { said, file, namespace, mayChange } = settings;
  const last = lastSettings(outdir, namespace);
  if (last === undefined) return;
  const known = new Set([...FOR_GOOD, ...(Object.keys(last) as SettingName[])]);
  const changed = [...known].filter((name) => !mayChange.includes(name) && isChange(name, last, said));
  if (changed.length === 0) return;
  const lines = changed.map(
    (name) => `  ${JSON.stringify(name)}: ${JSON.stringify(last[name]) ?? 'nothing'}`,
  );
  const forGood = changed.filter((name) => FOR_GOOD.includes(name));
  const why =
    forGood.length > 0 ? ` Values that are stored stay under the key that they were written with.` : '';
  throw new SynthProblem(
    `${file}: this would take back what ${namespace} had when it was synthesised here last:\n${lines.join(',\n')}\nTo keep it, write that into ${file}.${why} To change it all the same, once: -c change=${changed.join(',')}`,
  );
}

function isChange(name: SettingName, last: DeploymentSettings, said: DeploymentSettings): boolean {
  if (FOR_GOOD.includes(name)) return last[name] !== { ...USUAL_SETTINGS, ...said }[name];
  const sayings = WHO_IS_TOLD.includes(name) ? WHO_IS_TOLD : [name];
  return sayings.every((saying) => said[saying] === undefined);
}

/** One file of settings is one deployment, unless the context says for a run that it is another. */
function refuseOtherNamespace(outdir: string, settings: Settings): void {
  const { file, namespace, mayChange, byContext } = settings;
  if ([...mayChange, ...byContext].includes('namespace')) return;
  const { [file]: own, ...others } = notedNamespaces(outdir);
  const claimed = Object.values(others).flat();
  // Earlier versions noted nothing.
  const known = own ?? namespacesIn(outdir).filter((one) => !claimed.includes(one));
  if (known.length === 0 || known.includes(namespace)) return;
  const last = known.at(-1);
  throw new SynthProblem(
    `${file}: was synthesised here for the namespace "${last}", and would now make another deployment, "${namespace}", that has none of its tokens. To keep it, write "namespace": "${last}" into ${file}; a further deployment has a file of its own: -c settings=FILE. To go on all the same: -c change=namespace`,
  );
}
