/** The parts of `transcribe`, each by itself. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Backlog } from '../../../live/sinks/transcribe/backlog.ts';
import { Heard, HUNG_MS, SETTLED_MS } from '../../../live/sinks/transcribe/heard.ts';
import { languageRequest } from '../../../live/sinks/transcribe/language.ts';
import { type FrameAt, type Places, saidIn } from '../../../live/sinks/transcribe/results.ts';
import { Retries } from '../../../live/sinks/transcribe/retries.ts';
import { SAID_MARGIN_SECONDS, SaidSpans } from '../../../live/sinks/transcribe/said-spans.ts';
import { sessionIdOf } from '../../../live/sinks/transcribe/session-id.ts';
import { transcribeSettings } from '../../../live/sinks/transcribe/settings.ts';
import { StreamMap } from '../../../live/sinks/transcribe/stream-map.ts';
import { EnergyHearing, type HeardUtterance } from '../../../local/standins/transcribe/hearing.ts';
import { tonesIn } from '../../../local/standins/transcribe/tones.ts';
import { channelOf, isSegment, SPEAKERS } from '../../../recording/transcript/segment.ts';
import { TranscriptWriter } from '../../../recording/transcript/writer.ts';
import { RECORDING, RECORDING_ID } from '../../support/call.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';
import { audioOf, conversation, expected, RATE, SEED } from './support.ts';

const FACTS = { recordingId: RECORDING_ID, source: 'transcribe', sampleRate: RATE, originMs: 0 } as const;

/** All that a stream says which is given the audio from a frame on. */
function heardFrom(stereo: Buffer, from: number, said: SaidSpans): HeardUtterance[] {
  const heard: HeardUtterance[] = [];
  const hearing = new EnergyHearing(
    RATE,
    (samples) => tonesIn(samples, RATE),
    (one) => {
      if (!one.isFinal) return;
      const words = one.words.map((word) => ({
        ...word,
        startFrame: word.startFrame + from,
        endFrame: word.endFrame + from,
      }));
      heard.push({ ...one, startFrame: one.startFrame + from, endFrame: one.endFrame + from, words });
    },
  );
  hearing.give(Buffer.from(said.mute(from, stereo.subarray(from * 4), SAID_MARGIN_SECONDS * RATE)));
  void hearing.end();
  return heard;
}

describe('streams that follow one another', () => {
  test('say each word once, wherever they break off, though they tell times differently', () => {
    const seconds = 15;
    const jitter = 0.03 * RATE;
    fc.assert(
      fc.property(
        fc.nat(1_000),
        fc.array(
          fc.record({
            finals: fc.nat(5),
            startsSooner: fc.nat(RATE),
            off: fc.integer({ min: -jitter, max: 0 }),
          }),
          {
            maxLength: 6,
          },
        ),
        (seed, streams) => {
          const spoken = conversation(seconds, seed);
          const stereo = audioOf(spoken, seconds);
          const said = new SaidSpans();
          const writer = new TranscriptWriter(FACTS);
          const rows: string[] = [];
          const lastFinal: [number, number] = [0, 0];
          for (const { finals, startsSooner, off } of [
            ...streams,
            { finals: Infinity, startsSooner: 0, off: 0 },
          ]) {
            const from = Math.max(0, Math.min(...lastFinal) - startsSooner);
            for (const one of heardFrom(stereo, from, said).slice(0, finals)) {
              // It tells the end of what it heard too early, by a little.
              const endFrame = one.endFrame + off;
              const channel = SPEAKERS[one.channel];
              const text = one.words.map((word) => word.text).join(' ');
              const words = one.words.map((word) => ({
                ...word,
                endFrame: Math.min(word.endFrame, endFrame),
              }));
              const utterance = { channel, startFrame: one.startFrame, endFrame, text, words, final: true };
              for (const row of writer.say(utterance))
                rows.push(...row.words.map((word) => `${row.channel} ${word.text}`));
              said.add(one.channel, { startFrame: one.startFrame, endFrame });
              lastFinal[one.channel] = Math.max(lastFinal[one.channel], endFrame);
            }
          }
          rows.push(
            ...writer
              .flush()
              .filter(isSegment)
              .flatMap((row) => row.words.map((word) => `${row.channel} ${word.text}`)),
          );
          expect(rows.toSorted()).toEqual(
            expected(spoken)
              .map(({ said: name }) => name)
              .toSorted(),
          );
        },
      ),
      { seed: SEED, numRuns: 30 },
    );
  });

  test('are given silence where it has been said, of that side alone', () => {
    const said = new SaidSpans();
    said.add(1, { startFrame: 4, endFrame: 6 });
    said.add(1, { startFrame: 6, endFrame: 7 });
    said.add(0, { startFrame: 0, endFrame: 1 });
    const stereo = new Uint8Array(8 * 4).fill(1);
    const muted = [...said.mute(1, stereo)].map(String).join('');
    expect(muted).toBe(`${'1111'.repeat(3)}${'1100'.repeat(3)}${'1111'.repeat(2)}`);
    expect(said.mute(7, stereo)).toBe(stereo);
    expect(said.endOf(channelOf('AGENT'))).toBe(7);
    said.takeBack(1, { startFrame: 5, endFrame: 6 });
    const anew = [...said.mute(1, stereo)].map(String).join('');
    expect(anew).toBe(`${'1111'.repeat(3)}110011111100${'1111'.repeat(2)}`);
  });
});

describe('where a stream’s frames come from', () => {
  test('is found through silence that was put in, and through silence that came after all', () => {
    const map = new StreamMap(100);
    map.sent(10);
    map.filled(20);
    map.redeem(5);
    map.sent(7);
    expect(map.end).toBe(30 + 7 - 0);
    expect(map.positionOf(9, 'start')).toBe(109);
    expect(map.positionOf(10, 'end')).toBe(110);
    // Redeemed silence is what was given.
    expect(map.positionOf(13, 'start')).toBe(113);
    // The rest of it stands still.
    expect([map.positionOf(16, 'start'), map.positionOf(29, 'end')]).toEqual([115, 115]);
    expect(map.positionOf(31, 'start')).toBe(116);
    expect(() => {
      map.redeem(1);
    }).toThrow();
  });

  test('is found in what was given, by side', () => {
    const backlog = new Backlog();
    backlog.push(1_000, new Uint8Array(10 * 4));
    backlog.push(500, new Uint8Array(10 * 4), 1);
    backlog.push(1_010, new Uint8Array(10 * 4));
    expect(backlog.frameAt(5, 0, 'start')).toBe(1_005);
    expect([backlog.frameAt(12, 1, 'start'), backlog.frameAt(20, 1, 'end')]).toEqual([502, 510]);
    expect([backlog.frameAt(12, 0, 'start'), backlog.frameAt(12, 0, 'end')]).toEqual([1_010, 1_010]);
    backlog.hear(8, 0);
    expect(backlog.unheardFrom).toBe(1_008);
    backlog.hear(15, 0);
    expect([backlog.unheardFrom, backlog.unheardLate]).toEqual([
      1_010,
      [{ channel: 1, startFrame: 500, endFrame: 510 }],
    ]);
    backlog.hear(30, 0);
    expect([backlog.unheardFrom, backlog.unheardLate]).toEqual([undefined, []]);
  });
});

describe('what was given where it doesn’t belong', () => {
  test('is silence in what is sent, of that side alone, and what is said of it is known to be gone', () => {
    const backlog = new Backlog();
    const ones = (frames: number) => new Uint8Array(frames * 4).fill(1);
    backlog.push(1_000, ones(10));
    backlog.push(1_002, ones(4), 0);
    backlog.takeBack(1, { startFrame: 1_004, endFrame: 1_006 });
    const bytes = (from: number, frames: number) =>
      [...(backlog.read(from, frames)?.stereo ?? [])].map(String).join('');
    expect(bytes(0, 10)).toBe(`${'1111'.repeat(4)}${'1100'.repeat(2)}${'1111'.repeat(4)}`);
    // What came late of the other side stands as it was.
    expect(bytes(10, 4)).toBe('1111'.repeat(4));
    const goneOf = (channel: 0 | 1) =>
      Array.from({ length: 14 }, (_, at) => at).filter((at) => backlog.isGone(at, channel));
    expect([goneOf(0), goneOf(1)]).toEqual([[], [4, 5]]);
  });
});

describe('how far a stream has been heard', () => {
  const chunk = (index: number, isLoud = false) => ({
    startFrame: index * 800,
    endFrame: (index + 1) * 800,
    atMs: index * 100,
    isLoud,
  });
  const result = { id: 'one', channel: 0, startFrame: 4_000, endFrame: 4_800 } as const;

  test('is told by time where it is quiet, and by results where somebody speaks', () => {
    const heard = new Heard(RATE);
    for (let index = 0; index < 5; index += 1) heard.sent(chunk(index));
    heard.sent(chunk(5, true));
    heard.sent(chunk(6));
    expect(heard.upTo(1_000)).toBe(0);
    expect(heard.upTo(SETTLED_MS + 1_000)).toBe(4_000);
    heard.take({ ...result, isPartial: true });
    expect(heard.upTo(SETTLED_MS + 1_000)).toBe(4_000 - 0.3 * RATE);
    heard.take({ ...result, isPartial: false });
    expect(heard.upTo(SETTLED_MS + 1_000)).toBe(7 * 800);
  });

  test('is not told by one that hangs', () => {
    const heard = new Heard(RATE);
    heard.sent(chunk(0, true));
    expect([heard.hangs(HUNG_MS - 1), heard.hangs(HUNG_MS), heard.isUnanswered]).toEqual([false, true, true]);
    expect(heard.upTo(HUNG_MS)).toBe(0);
    const patient = new Heard(RATE, true);
    patient.sent(chunk(0, true));
    expect([patient.hangs(10 * HUNG_MS), patient.upTo(10 * HUNG_MS)]).toEqual([false, 800]);
  });
});

test('a stream that broke off is followed sooner or later, or not at all', () => {
  const retries = new Retries(() => 0.5);
  const lived = { lastedMs: 100, answers: 0 };
  const waits = Array.from({ length: 9 }, () => retries.after('LimitExceededException', lived));
  expect(waits.slice(0, 3)).toEqual([375, 750, 1_500]);
  expect([waits.at(-1), retries.isRefused]).toEqual([22_500, true]);
  expect([retries.after('over', lived), retries.isRefused]).toEqual([0, false]);
  expect(retries.after('ConflictException', lived)).toBe(7_500);
  expect(retries.after('NoNewAudio', { lastedMs: 60_000, answers: 0 })).toBe(375);
  expect(retries.after('AccessDeniedException', lived)).toBeUndefined();
  // A stream that has gone on for long was set up well; what its credentials were then, they may not be any more.
  expect(retries.after('UnrecognizedClientException', { lastedMs: 3_600_000, answers: 900 })).toBe(375);
  expect(retries.after('UnrecognizedClientException', lived)).toBeUndefined();
});

test('a session’s id is the same for whoever transcribes the same part of a recording', () => {
  const [first, second] = [sessionIdOf(RECORDING, 0), sessionIdOf(RECORDING, 1)];
  expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect([sessionIdOf(RECORDING, 0), second === first]).toEqual([first, false]);
});

const placed = (frameAt: FrameAt): Places => ({ frameAt, isGone: () => false });

test('what one result says is parted where it lies apart in the WAV', () => {
  const item = (text: string, startSeconds: number) => ({
    text,
    isPunctuation: false,
    startSeconds,
    endSeconds: startSeconds + 0.2,
  });
  const mark = { text: '.', isPunctuation: true, startSeconds: 1.2, endSeconds: 1.2 };
  const result = {
    id: 'one',
    isPartial: false,
    channel: 0,
    startSeconds: 0.5,
    endSeconds: 2,
    text: 'one two. three',
    language: 'en-US',
    entities: [{ type: 'NAME', startSeconds: 1, endSeconds: 1.2 }],
    items: [item('one', 0.5), item('two', 1), mark, item('three', 1.6)],
  } as const;
  const texts = (frameAt: (seconds: number) => number) =>
    saidIn(
      result,
      placed((seconds) => Math.round(frameAt(seconds))),
      RATE,
    ).map((one) => one && `${String(one.startFrame)} ${one.text}`);
  expect(texts((seconds) => seconds * RATE)).toEqual(['4000 one two. three']);
  expect(texts((seconds) => (seconds > 1.5 ? seconds - 1.5 : seconds) * RATE)).toEqual([
    '4000 one two.',
    '800 three',
  ]);
  const [whole] = saidIn(
    result,
    placed((seconds) => Math.round(seconds * RATE)),
    RATE,
  );
  expect(whole?.words.map(({ pii }) => pii)).toEqual([undefined, 'NAME', undefined]);
  // What was said of audio that doesn’t belong there.
  const gone = { ...placed((seconds) => seconds * RATE), isGone: (seconds: number) => seconds < 0.8 };
  expect(saidIn(result, gone, RATE).map((one) => one?.text)).toEqual(['two. three']);
  expect(saidIn({ ...result, items: [] }, { ...gone, isGone: () => true }, RATE)).toEqual([]);
  expect(
    saidIn(
      { ...result, startSeconds: NaN },
      placed((seconds) => seconds * RATE),
      RATE,
    ),
  ).toEqual([undefined]);
});

test('an utterance reaches no further than half a second beyond its words', () => {
  const item = { text: 'one', isPunctuation: false, startSeconds: 2, endSeconds: 2.2 };
  const result = { id: 'one', isPartial: false, channel: 0, text: 'one', language: 'en-US', entities: [] };
  const spanOf = (startSeconds: number, endSeconds: number) =>
    saidIn(
      { ...result, channel: 0, startSeconds, endSeconds, items: [item] },
      placed((seconds) => Math.round(seconds * RATE)),
      RATE,
    ).map((one) => one && [one.startFrame / RATE, one.endFrame / RATE]);
  expect(spanOf(1.6, 2.6)).toEqual([[1.6, 2.6]]);
  expect(spanOf(1, 3.5)).toEqual([[2, 2.2]]);
});

describe('settings', () => {
  const ENVIRONMENT = { CALLSPOOL_TRANSCRIPTS_TABLE: 'words', CALLSPOOL_CALLS_TABLE: 'calls' };

  test('have defaults', () => {
    expect(transcribeSettings(ENVIRONMENT)).toEqual({
      name: 'transcribe',
      languages: ['en-US'],
      attribute: undefined,
      vocabularies: [],
      filters: [],
      filterMethod: undefined,
      pii: undefined,
      piiTypes: [],
      callsTable: 'calls',
      transcriptsTable: 'words',
      keepDays: undefined,
      patterns: [],
      scale: 1,
    });
  });

  test.each([
    [{ CALLSPOOL_TRANSCRIBE_LANGUAGE: 'english' }, /TRANSCRIBE_LANGUAGE must be languages/],
    [{ CALLSPOOL_TRANSCRIBE_LANGUAGE: 'en-US,en-GB' }, /one dialect of each/],
    [{ CALLSPOOL_TRANSCRIBE_LANGUAGE: 'en-US,de-DE', CALLSPOOL_TRANSCRIBE_PII: 'redact' }, /TRANSCRIBE_PII/],
    [{ CALLSPOOL_TRANSCRIBE_PII: 'hide' }, /one of identify, redact/],
    [{ CALLSPOOL_TRANSCRIBE_PII_ENTITIES: 'NAME' }, /TRANSCRIBE_PII must be set/],
    [{ CALLSPOOL_TRANSCRIBE_PII: 'redact', CALLSPOOL_TRANSCRIBE_PII_ENTITIES: 'SHOE_SIZE' }, /PII_ENTITIES/],
    [{ CALLSPOOL_TRANSCRIBE_VOCABULARY: 'two words' }, /TRANSCRIBE_VOCABULARY must be names/],
    [{ CALLSPOOL_TRANSCRIBE_VOCABULARY_FILTER: 'rude' }, /FILTER_METHOD/],
    [{ CALLSPOOL_TRANSCRIBE_LANGUAGE_ATTRIBUTE: 'language' }, /ATTRIBUTE_LANGUAGES must be set/],
    [{ CALLSPOOL_TRANSCRIBE_SCALE: '20' }, /TRANSCRIBE_SCALE must be 1, unless/],
    [{ CALLSPOOL_TRANSCRIPTS_TABLE: '' }, /TRANSCRIPTS_TABLE/],
  ])('%o are refused', (changes, message) => {
    expect(() => transcribeSettings({ ...ENVIRONMENT, ...changes })).toThrow(message);
  });

  test('let a contact’s attribute choose the language, among those that are allowed', async () => {
    const settings = transcribeSettings({
      ...ENVIRONMENT,
      CALLSPOOL_TRANSCRIBE_LANGUAGE_ATTRIBUTE: 'language',
      CALLSPOOL_TRANSCRIBE_ATTRIBUTE_LANGUAGES: 'en-US, de-DE',
      CALLSPOOL_TRANSCRIBE_VOCABULARY: 'books,de-DE=buecher',
    });
    const telemetry = new RecordedTelemetry();
    const requestFor = (language?: string) => {
      const attributes: Record<string, string> = language === undefined ? {} : { language };
      const calls = { get: () => Promise.resolve({ attributes }) };
      return languageRequest(settings, RECORDING, { calls, clock: new ManualClock(), telemetry });
    };
    expect(await requestFor('de-DE')).toEqual({
      languages: ['de-DE'],
      vocabularies: ['buecher'],
      filters: [],
    });
    expect(await requestFor()).toEqual({ languages: ['en-US'], vocabularies: ['books'], filters: [] });
    expect(telemetry.lines).toEqual([]);
    expect((await requestFor('my secret')).languages).toEqual(['en-US']);
    expect(telemetry.lines).toMatchObject([{ level: 'warn' }]);
    expect(JSON.stringify(telemetry.lines)).not.toContain('secret');
  });
});
