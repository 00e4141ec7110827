/** The language that a contact's attribute names, on its way to a recogniser. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { namedLanguage } from '../../live/sinks/language-attribute.ts';
import { RecogniseSink } from '../../live/sinks/recognise/recognise.ts';
import { recogniseSettings } from '../../live/sinks/recognise/settings.ts';
import { MemoryTranscripts } from '../../ports/transcripts/memory-transcripts.ts';
import { RECORDING } from '../support/call.ts';
import { MessageReader } from '../support/live-messages.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';
import { RecordedTelemetry } from '../support/telemetry.ts';

const ENVIRONMENT = {
  CALLSPOOL_RECOGNISER: 'recogniser',
  CALLSPOOL_TRANSCRIPTS_TABLE: 'words',
  CALLSPOOL_CALLS_TABLE: 'calls',
  CALLSPOOL_RECOGNISE_LANGUAGE_ATTRIBUTE: 'spoken',
  CALLSPOOL_RECOGNISE_ATTRIBUTE_LANGUAGES: 'en, de,en-GB',
};

/** What a recogniser is told first. */
async function startOf(language: string | undefined) {
  const [told, said] = [new PassThrough(), new PassThrough()];
  const talker = { told, said, done: new Promise<void>(() => undefined), close: () => said.end() };
  const [clock, telemetry] = [new ManualClock(0), new RecordedTelemetry()];
  const options = { transcripts: new MemoryTranscripts(), clock, telemetry, hungMs: 60_000, language };
  const sink = new RecogniseSink(talker, options);
  await sink.start({ recording: RECORDING, sampleRate: 8_000, originMs: 0, startFrame: 0 });
  const messages = new MessageReader();
  messages.push(told.read() as Buffer);
  sink.close();
  return messages.start;
}

test('a recogniser is told the language of the call, where it is known', async () => {
  expect(await startOf('de')).toMatchObject({ kind: 'start', startFrame: 0, language: 'de' });
  expect(await startOf(undefined)).not.toHaveProperty('language');
});

test('an attribute may name those that its deployer lists', () => {
  const { attribute, callsTable } = recogniseSettings(ENVIRONMENT);
  expect(attribute).toEqual({ name: 'spoken', among: ['en', 'de', 'en-GB'] });
  expect(callsTable).toBe('calls');
});

test('without an attribute nothing is looked up', () => {
  const { CALLSPOOL_RECOGNISE_LANGUAGE_ATTRIBUTE: _, ...rest } = ENVIRONMENT;
  expect(recogniseSettings(rest)).toMatchObject({ attribute: undefined, callsTable: undefined });
});

test.each([
  [
    { CALLSPOOL_RECOGNISE_ATTRIBUTE_LANGUAGES: 'German' },
    /ATTRIBUTE_LANGUAGES must be languages such as en, sep/,
  ],
  [{ CALLSPOOL_RECOGNISE_ATTRIBUTE_LANGUAGES: '' }, /RECOGNISE_ATTRIBUTE_LANGUAGES must be set, since/],
  [
    { CALLSPOOL_RECOGNISE_LANGUAGE_ATTRIBUTE: 'a/b' },
    /LANGUAGE_ATTRIBUTE must be a contact attribute’s name/,
  ],
  [{ CALLSPOOL_CALLS_TABLE: '' }, /CALLSPOOL_CALLS_TABLE must be set/],
])('%o is refused', (changes, message) => {
  expect(() => recogniseSettings({ ...ENVIRONMENT, ...changes })).toThrow(message);
});

class World {
  readonly clock = new ManualClock(0);
  readonly telemetry = new RecordedTelemetry();
  readonly #attribute = recogniseSettings(ENVIRONMENT).attribute;

  named(
    get: () => Promise<{ attributes?: Record<string, string> } | undefined>,
  ): Promise<string | undefined> {
    const { clock, telemetry } = this;
    return namedLanguage(this.#attribute, RECORDING, { calls: { get }, clock, telemetry });
  }
}

const having = (attributes?: Record<string, string>) => () => Promise.resolve(attributes && { attributes });

test('an attribute’s language is followed as it stands there, and a call without one is not remarked on', async () => {
  const world = new World();
  expect(await world.named(having({ spoken: 'de', other: 'en' }))).toBe('de');
  expect(await world.named(having({ spoken: 'en-GB' }))).toBe('en-GB');
  expect(await world.named(having({ other: 'en' }))).toBeUndefined();
  expect(await world.named(having())).toBeUndefined();
  expect(world.telemetry.lines).toEqual([]);
});

test('what it says beside the list is not followed, and stands in no log', async () => {
  const world = new World();
  for (const spoken of ['fr', 'DE', 'my secret', ''])
    expect(await world.named(having({ spoken }))).toBeUndefined();
  expect(world.telemetry.lines).toMatchObject(Array.from({ length: 4 }, () => ({ level: 'warn' })));
  expect(JSON.stringify(world.telemetry.lines)).not.toMatch(/secret|"fr"|"DE"/);
});

test('a table that refuses, or doesn’t answer, holds no call up', async () => {
  const world = new World();
  expect(await world.named(() => Promise.reject(new TypeError('secret')))).toBeUndefined();
  const unanswered = world.named(() => new Promise(() => undefined));
  await settled();
  await world.clock.advance(3_000);
  expect(await unanswered).toBeUndefined();
  expect(world.telemetry.lines).toMatchObject([
    { level: 'warn', fields: { error: 'TypeError' } },
    { level: 'warn' },
  ]);
  expect(JSON.stringify(world.telemetry.lines)).not.toContain('secret');
});
