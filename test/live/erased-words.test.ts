/** Who wakes up when its recording has been erased leaves nothing of what was said in it. */
import { expect, test } from 'vitest';
import { removeErasedWords } from '../../live/erased-words.ts';
import { MemoryCheckpoints } from '../../ports/checkpoints/memory-checkpoints.ts';
import { MemoryTranscripts } from '../../ports/transcripts/memory-transcripts.ts';
import { segment } from '../recording/transcript/rows.ts';
import { RECORDING, RECORDING_ID } from '../support/call.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { RecordedTelemetry } from '../support/telemetry.ts';

test('rows go where the recording has been erased, and stay where it has not', async () => {
  const [checkpoints, transcripts] = [new MemoryCheckpoints(new ManualClock(0)), new MemoryTranscripts()];
  const telemetry = new RecordedTelemetry();
  const ports = { checkpoints, transcripts, telemetry };
  const [own, other] = [RECORDING_ID, 'somebody-else_1'].map((recordingId) => {
    return { ...segment('a secret', { startMs: 500 }), recordingId };
  });
  if (!own || !other) throw new Error('there are two');
  await transcripts.put(own);
  await transcripts.put(other);

  await removeErasedWords(ports, RECORDING);
  expect(await transcripts.ofRecording(RECORDING_ID)).toEqual([own]);

  await checkpoints.erase(RECORDING_ID, 1_000);
  await removeErasedWords(ports, RECORDING);
  expect(await transcripts.ofRecording(RECORDING_ID)).toEqual([]);
  expect(await transcripts.ofRecording(other.recordingId)).toEqual([other]);
  expect(JSON.stringify(telemetry.lines)).not.toContain('secret');
});
