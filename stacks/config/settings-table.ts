/** The settings as a Markdown table, for the docs. `npx tsx stacks/config/settings-table.ts` prints it. */
import { pathToFileURL } from 'node:url';
import { aboutSetting, SETTING_NAMES, settingVariable } from './settings.ts';

export function settingsTable(): string[] {
  const rows = SETTING_NAMES.map((name) => {
    const { summary, allowed, fallback } = aboutSetting(name);
    return [
      `\`${name}\``,
      `\`${settingVariable(name)}\``,
      fallback === '' ? '–' : `\`${fallback}\``,
      allowed,
      summary,
    ];
  });
  return [
    ['Setting', 'Environment variable', 'Default', 'Allowed', 'Meaning'],
    ['-', '-', '-', '-', '-'],
    ...rows,
  ].map((cells) => `| ${cells.join(' | ')} |`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(settingsTable().join('\n'));
