/** What was said in a call, wherever it is: beside the WAV, or in the table while the call goes on. */
import { ObjectMissing } from '../../ports/objects/stored-objects.ts';
import { DEFAULT_SAMPLE_RATE } from '../../recording/audio/pcm.ts';
import { type CallRecord, isFinal } from '../../recording/call-record.ts';
import { parseTranscript, type Transcript, transcriptOf } from '../../recording/transcript/document.ts';
import { originOf } from '../../recording/transcript/segment.ts';
import { isWritten } from '../../recording/transcript-facts.ts';
import type { Access } from '../access/access.ts';

/** An hour of talk is some megabyte. */
const BYTES_MAX = 64 * 1024 * 1024;

/** @returns undefined where nothing was written down, or nothing is left of it */
export async function wordsOf(access: Access, call: CallRecord): Promise<Transcript | undefined> {
  return (await besideWav(access, call)) ?? inTable(access, call);
}

async function besideWav(access: Access, call: CallRecord): Promise<Transcript | undefined> {
  const { transcript } = call;
  if (transcript === undefined || !isWritten(transcript) || !isFinal(call.status)) return undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of access.objectsOf(call).read(transcript.key)) {
      bytes += chunk.length;
      if (bytes > BYTES_MAX) return undefined;
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ObjectMissing) return undefined;
    throw error;
  }
  return parseTranscript(Buffer.concat(chunks).toString());
}

/** The beginning may be found later: until then its positions are those that whoever listened was given. */
async function inTable(access: Access, { recordingId, audio }: CallRecord): Promise<Transcript | undefined> {
  const rows = await access.transcripts.ofRecording(recordingId);
  const [first] = rows;
  const sampleRate = audio?.sampleRate ?? DEFAULT_SAMPLE_RATE;
  return first && transcriptOf(rows, { originMs: originOf(first), sampleRate });
}
