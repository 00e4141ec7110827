/** Findings for a person to read: the worst first. */
import { count, type Paint, printable } from '../terminal/terminal.ts';
import { type Finding, SEVERITIES, type Severity } from './findings/finding.ts';

const FORMATS = { ERROR: 'red', WARNING: 'yellow', UNKNOWN: 'magenta', OK: 'green' } as const;
const WIDTH = 7;

export function findingLines(findings: readonly Finding[], paint: Paint): string[] {
  const sorted = SEVERITIES.flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity),
  );
  return [
    ...sorted.flatMap(({ severity, check, what, remedy }) => [
      `${paint(FORMATS[severity], severity.padEnd(WIDTH))}  ${paint('bold', check)}: ${printable(what)}`,
      ...(remedy === undefined ? [] : [`${' '.repeat(WIDTH)}    → ${printable(remedy)}`]),
    ]),
    '',
    total(findings),
  ];
}

function total(findings: readonly Finding[]): string {
  const of = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return [
    count(of('ERROR'), 'error'),
    count(of('WARNING'), 'warning'),
    `${of('UNKNOWN')} not to be told`,
    `${of('OK')} in order`,
  ].join(', ');
}
