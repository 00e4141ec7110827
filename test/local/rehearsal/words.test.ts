import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasAllWords } from '../../../local/rehearsal/calls/words.ts';
import { type Transcript, transcriptJson } from '../../../recording/transcript/document.ts';
import { ROOT } from '../../stacks/synthesise.ts';

const SAMPLE = join(ROOT, 'local/sample/call.wav');
/** The sample call's script (local/sample/make-call.sh). */
const AGENT =
  'Good morning, Acme Books, this is Ann. How can I help you? I am sorry to hear that. One moment, please, I will have a look. Thank you for waiting. Your book left our house yesterday, by express mail. You should have it tomorrow. Goodbye, and enjoy the book!';
const CUSTOMER =
  'Hello. I ordered a book last week, and it has not come yet. Oh, only yesterday? Well, at least that. Very good. Thank you, goodbye.';

function documentOf(agent: string, customer: string): string {
  const segment = (channel: 'AGENT' | 'CUSTOMER', text: string): Transcript['segments'][number] => ({
    recordingId: 'r',
    segmentId: `000000000000#${channel}#transcribe`,
    channel,
    startMs: 0,
    endMs: 1,
    startedAt: 0,
    text,
    words: [],
    source: 'transcribe',
  });
  return transcriptJson({
    recordingId: 'r',
    frameShift: 0,
    sampleRate: 8000,
    sources: ['transcribe'],
    segments: [segment('AGENT', agent), segment('CUSTOMER', customer)],
    untranscribed: [],
  });
}

describe('what is written down in a rehearsal', () => {
  it('is all that is said, each word of whoever says it', async () => {
    expect(await hasAllWords(documentOf(AGENT, CUSTOMER), SAMPLE)).toBe(true);
    expect(await hasAllWords(documentOf(CUSTOMER, AGENT), SAMPLE)).toBe(false);
  });

  it('is not all where a word is missing, is said twice, or where there is no transcript', async () => {
    expect(await hasAllWords(documentOf(AGENT, CUSTOMER.replace('Hello. ', '')), SAMPLE)).toBe(false);
    expect(await hasAllWords(documentOf(`${AGENT} book!`, CUSTOMER), SAMPLE)).toBe(false);
    expect(await hasAllWords('', SAMPLE)).toBe(false);
  });
});
