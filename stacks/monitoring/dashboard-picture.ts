/**
 * Draws the dashboard's layout as SVG, for the docs: which graph is where, and what it shows. Without values: those
 * come from calls. `npx tsx stacks/monitoring/dashboard-picture.ts` writes docs/dashboard.svg.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { namesOf } from '../../contract/names.ts';
import { readConfig } from '../config/config.ts';
import { functionsOf } from '../config/reach.ts';
import { DASHBOARD_WIDTH, dashboardBody, type Widget } from './dashboard.ts';

/** Pixels a unit of the dashboard. */
const UNIT_WIDTH = 42;
const UNIT_HEIGHT = 30;
const MARGIN = 6;
const LINE_HEIGHT = 15;
const COLOURS = [
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#7f7f7f',
  '#bcbd22',
];

const OPTIONS = v.object({
  label: v.string(),
  visible: v.optional(v.boolean(), true),
  yAxis: v.optional(v.string()),
});

function legend({ properties }: Widget): string[] {
  const lines = v.parse(v.optional(v.array(v.array(v.unknown())), []), properties.metrics);
  return lines
    .map((line) => v.parse(OPTIONS, line.at(-1)))
    .filter(({ visible }) => visible)
    .map(({ label, yAxis }) => (yAxis === 'right' ? `${label} (right axis)` : label));
}

function draw(widget: Widget): string {
  const x = widget.x * UNIT_WIDTH + MARGIN;
  const y = widget.y * UNIT_HEIGHT + MARGIN;
  const width = widget.width * UNIT_WIDTH - MARGIN;
  const height = widget.height * UNIT_HEIGHT - MARGIN;
  const entries = widget.type === 'alarm' ? ['one field an alarm, red when it is going off'] : legend(widget);
  return [
    `  <rect x="${String(x)}" y="${String(y)}" width="${String(width)}" height="${String(height)}" rx="6" fill="#ffffff" stroke="#9aa5b1"/>`,
    `  <text x="${String(x + 12)}" y="${String(y + 22)}" font-weight="bold" font-size="14">${widget.properties.title}</text>`,
    ...entries.flatMap((entry, index) => [
      `  <rect x="${String(x + 12)}" y="${String(y + 34 + index * LINE_HEIGHT)}" width="10" height="10" fill="${COLOURS[index % COLOURS.length] ?? '#000'}"/>`,
      `  <text x="${String(x + 28)}" y="${String(y + 43 + index * LINE_HEIGHT)}" font-size="12">${entry}</text>`,
    ]),
  ].join('\n');
}

export function dashboardPicture(): string {
  const config = readConfig({});
  const { widgets } = dashboardBody({
    prefix: config.prefix,
    region: config.region,
    names: namesOf(config),
    stateMachineArn: 'arn',
    segmentSeconds: config.segmentSeconds,
    functions: functionsOf(config),
    mediaStreamPrefix: config.mediaStreamPrefix,
    bucketName: 'bucket',
    alarmArns: [],
  });
  const width = DASHBOARD_WIDTH * UNIT_WIDTH + MARGIN;
  const height = Math.max(...widgets.map((widget) => widget.y + widget.height)) * UNIT_HEIGHT + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}" viewBox="0 0 ${String(width)} ${String(height)}" font-family="sans-serif" fill="#1b2733">`,
    `  <title>Layout of the callspool dashboard</title>`,
    `  <rect width="${String(width)}" height="${String(height)}" fill="#eef1f4"/>`,
    ...widgets.map(draw),
    '</svg>',
    '',
  ].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(join(import.meta.dirname, '../..', 'docs', 'dashboard.svg'), dashboardPicture());
}
