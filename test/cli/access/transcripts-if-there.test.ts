import { ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { TranscriptsIfThere } from '../../../cli/access/transcripts-if-there.ts';
import { MemoryTranscripts } from '../../../ports/transcripts/memory-transcripts.ts';
import type { Transcripts } from '../../../ports/transcripts/transcripts.ts';

const ROW = {
  recordingId: 'c_1',
  segmentId: '000000008000#AGENT#recognise#untranscribed',
  startMs: 1_000,
  endMs: 2_000,
  startedAt: 1_760_000_001_000,
  channel: 'AGENT',
  source: 'recognise',
  untranscribed: 'END',
} as const;

function refusing(error: Error): Transcripts {
  const refuse = () => Promise.reject(error);
  return { put: refuse, ofRecording: refuse, replace: refuse, remove: refuse, erase: refuse };
}

describe('the table of what was said', () => {
  it('is what it is, where it is there', async () => {
    const transcripts = new TranscriptsIfThere(new MemoryTranscripts());
    await transcripts.put(ROW);
    await transcripts.replace({ ...ROW, untranscribed: 'LOST' });
    expect(await transcripts.ofRecording('c_1')).toEqual([{ ...ROW, untranscribed: 'LOST' }]);
    expect(await transcripts.erase('c_1')).toBe(1);
    await transcripts.put(ROW);
    await transcripts.remove(ROW);
    expect(await transcripts.ofRecording('c_1')).toEqual([]);
  });

  it('holds nothing where an earlier version deployed none, and says so to whoever writes', async () => {
    const missing = new ResourceNotFoundException({ message: 'no table', $metadata: {} });
    const transcripts = new TranscriptsIfThere(refusing(missing));
    expect(await transcripts.ofRecording('c_1')).toEqual([]);
    expect(await transcripts.erase('c_1')).toBe(0);
    for (const writing of [transcripts.put(ROW), transcripts.replace(ROW), transcripts.remove(ROW)])
      await expect(writing).rejects.toThrow('there is no table of what was said');
  });

  it('hides no other refusal', async () => {
    const transcripts = new TranscriptsIfThere(refusing(new Error('no right')));
    await expect(transcripts.ofRecording('c_1')).rejects.toThrow('no right');
    await expect(transcripts.erase('c_1')).rejects.toThrow('no right');
    await expect(transcripts.put(ROW)).rejects.toThrow('no right');
  });
});
