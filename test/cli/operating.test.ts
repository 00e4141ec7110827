/** docs/OPERATING.md, held against what it speaks of. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEPLOYMENT_OPTIONS } from '../../cli/access/deployment.ts';
import { EXIT } from '../../cli/terminal/exit.ts';
import { ALL_FUNCTIONS, namesOf } from '../../contract/names.ts';
import { alarmsOf } from '../../stacks/monitoring/alarms.ts';
import { callspool } from '../support/cli.ts';

const text = await readFile(join(import.meta.dirname, '../../docs/OPERATING.md'), 'utf8');
const commands = [...text.matchAll(/npx callspool ([^#\n|)`]+)/g)].map(([, command = '']) => command.trim());

test('it says what to do on every alarm', () => {
  const alarms = alarmsOf({
    prefix: 'callspool',
    names: namesOf({ prefix: 'callspool', region: 'us-east-1' }),
    stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:callspool',
    longestCallSeconds: 1,
    wired: true,
    listenedTo: true,
    apartSeconds: 30,
    words: { told: true },
    functions: ALL_FUNCTIONS,
  });
  for (const { what } of alarms) expect(text).toContain(`\`${what}\``);
});

test('it names every option and every exit code', () => {
  for (const option of Object.keys(DEPLOYMENT_OPTIONS)) expect(text).toContain(`\`--${option}`);
  for (const code of Object.values(EXIT)) expect(text).toMatch(new RegExp(`\\| +\`${code}\``));
});

test('its commands are there to be found', () => {
  expect(commands.length).toBeGreaterThan(20);
});

const onCalls = commands
  .filter((command) => command.startsWith('calls '))
  .map((command) => command.split(' > ')[0] ?? '');
test.each(onCalls)('callspool %s', async (command) => {
  // It gets as far as looking for the data: the command line is right.
  const { err } = await callspool([...command.split(/ +/), '--local', '/nowhere']);
  expect(err).toContain('/nowhere is not the folder of a local run');
});

test.each(commands.filter((command) => !command.startsWith('calls ')))('callspool %s', async (command) => {
  const { code, out } = await callspool([...command.split(/ +/), '--help']);
  expect(code).toBe(0);
  for (const [option] of command.matchAll(/--[a-z-]+/g)) expect(out).toContain(option);
});
