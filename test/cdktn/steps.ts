/** What DEPLOYING tells whoever leaves cdktf to do, so that it is what is tried. */

const HEADING = '## Why cdktf 0.21, and what comes after it';

/** @returns the commands for a shell. @throws where the document has none there */
export function stepsIn(deploying: string): string {
  const section = deploying.split(/^(?=## )/m).find((part) => part.startsWith(`${HEADING}\n`));
  if (section === undefined) throw new Error(`DEPLOYING has no "${HEADING}"`);
  const [, steps] = /^```sh\n(.*?)^```$/ms.exec(section) ?? [];
  if (steps === undefined) throw new Error(`there are no commands below "${HEADING}"`);
  return steps;
}
