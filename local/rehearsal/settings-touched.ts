/**
 * What each setting touches, as a Markdown table for docs/DEPLOYING.md, from what rehearsals have seen.
 * `npx tsx local/rehearsal/settings-touched.ts` prints it.
 */
import { pathToFileURL } from 'node:url';
import { SETTING_NAMES } from '../../stacks/config/settings.ts';
import { readSettings, type RecordedSettings } from './life/recorded.ts';

type Seen = RecordedSettings['settings'][number];

const KINDS = ['added', 'changed', 'replaced', 'destroyed'];

export function settingsTouchedTable({ settings }: RecordedSettings = readSettings()): string[] {
  const rows = SETTING_NAMES.flatMap((name) => {
    const seen = settings.find(({ setting }) => setting === name);
    return seen === undefined ? [] : [rowOf(seen)];
  });
  return [
    ['Setting', 'Changed to', 'What the change touches', 'A call in progress'],
    ['-', '-', '-', '-'],
    ...rows,
  ].map((cells) => `| ${cells.join(' | ')} |`);
}

function rowOf({ setting, to, changes, callAcross }: Seen): string[] {
  const values = Object.entries(to).map(([name, value]) => `\`${name}=${value}\``);
  const kinds = KINDS.flatMap((kind) => {
    const types = changes.filter((change) => change.kind === kind).map(({ address }) => typeOf(address));
    return types.length === 0 ? [] : [`${kind}: ${counted(types)}`];
  });
  return [`\`${setting}\``, values.join(' '), kinds.join('; ') || 'nothing', callAcross ?? '–'];
}

/** `aws_lambda_function.connect` → `lambda_function` */
function typeOf(address: string): string {
  return (address.split('.')[0] ?? address).replace(/^aws_/, '');
}

function counted(types: readonly string[]): string {
  return [...new Set(types)]
    .sort()
    .map((type) => {
      const { length } = types.filter((other) => other === type);
      return length === 1 ? type : `${length} ${type}`;
    })
    .join(', ');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(settingsTouchedTable().join('\n'));
}
