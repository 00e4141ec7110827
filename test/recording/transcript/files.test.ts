import { describe, expect, it } from 'vitest';
import { parseTranscript, type Transcript } from '../../../recording/transcript/document.ts';
import { transcriptFacts, transcriptFiles } from '../../../recording/transcript/files.ts';
import { isWritten } from '../../../recording/transcript-facts.ts';
import { RECORDING, STARTED_AT } from '../../support/call.ts';
import { RATE, segment, untranscribed } from './rows.ts';

const STARTED = new Date(STARTED_AT);
const STEM = `recordings/2026/03/14/${RECORDING.contactId}/${RECORDING.startFragmentNumber}.transcript`;
const TRANSCRIPT: Transcript = {
  recordingId: 'c_1',
  frameShift: 80,
  sampleRate: RATE,
  sources: ['recognise'],
  segments: [
    { ...segment('hello there', { startMs: 0 }), text: 'hello  there' },
    segment('you', { startMs: 2_000 }),
  ],
  untranscribed: [untranscribed(5_000, { startMs: 4_000 }), untranscribed(9_500, { startMs: 9_000 })],
};

describe('a transcript’s files', () => {
  it('are three, beside the WAV', () => {
    const files = transcriptFiles(TRANSCRIPT, RECORDING, STARTED);
    expect(files.map(({ key, contentType }) => [key, contentType])).toEqual([
      [`${STEM}.json`, 'application/json'],
      [`${STEM}.vtt`, 'text/vtt'],
      [`${STEM}.txt`, 'text/plain; charset=utf-8'],
    ]);
    const [json = '', vtt, txt] = files.map(({ bytes }) => Buffer.from(bytes).toString());
    expect(parseTranscript(json)).toEqual(TRANSCRIPT);
    expect(vtt).toMatch(/^WEBVTT\n/);
    expect(txt).toContain('Customer: hello there\n');
  });
});

describe('what the record says of a transcript', () => {
  it('is where it lies, and how much it holds', () => {
    const facts = transcriptFacts(TRANSCRIPT, RECORDING, STARTED);
    expect(facts).toEqual({
      key: `${STEM}.json`,
      segments: 2,
      words: 3,
      untranscribed: 2,
      untranscribedMs: 1_500,
      sources: ['recognise'],
      frameShift: 80,
    });
    expect([isWritten(facts), isWritten({ why: 'so' })]).toEqual([true, false]);
  });
});
