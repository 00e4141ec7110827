/** The licences of what others wrote that is in a bundle, in one text that goes where the bundle goes. */
import type { BundledPackage } from './packages.ts';

const RULE = '-'.repeat(80);

/** MIT-0 asks for none. */
const NO_TEXT = 'Comes without a text of its licence; see https://spdx.org/licenses/';

/** Each text stands once, below all that it is of. */
export function noticesOf(packages: readonly BundledPackage[]): string {
  const byText = new Map<string, string[]>();
  for (const { name, version, license, texts } of packages) {
    const named = `${name} ${version} (${license})`;
    const whole = texts.length === 0 ? NO_TEXT : texts.join('\n\n');
    byText.set(whole, [...(byText.get(whole) ?? []), named]);
  }
  const parts = [...byText].map(([text, names]) => `${RULE}\n${names.join('\n')}\n\n${text}\n`);
  return `What others wrote that is in index.mjs, and under which licence.\n\n${parts.join('\n')}`;
}
