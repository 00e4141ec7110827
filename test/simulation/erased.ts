/** What must be true of recordings that an operator has erased, and of their neighbours. */
import { callKey } from '../../ports/calls/call-item.ts';
import { recordingId } from '../../recording/identity.ts';
import { tapePrefix } from '../../recording/tape/keys.ts';
import type { TrueFragment, TrueRecording } from './stream.ts';
import { TapeContent } from './tape-content.ts';
import type { World } from './world.ts';

type Find = (kind: string, what: string) => void;

const WAV_HEADER_BYTES = 44;
/** What a tombstone may say: that there was a recording, and when it was erased. */
const TOMBSTONE: ReadonlySet<string> = new Set([
  'recordingId',
  'owner',
  'attempt',
  'erasedAt',
  'updatedAt',
  'expiresAt',
  'counters',
]);

export function isErased({ checkpoints, operators }: World, { recording }: TrueRecording): boolean {
  const id = recordingId(recording);
  return (
    operators.erased.has(id) ||
    checkpoints.history.some(({ operation, after }) => operation === 'erase' && after.recordingId === id)
  );
}

/** Nothing is left but the tombstone. */
export function checkErased(world: World, one: TrueRecording, find: Find): void {
  const { calls, checkpoints, recordings, tape } = world;
  const { contactId, startFragmentNumber } = one.recording;
  const id = recordingId(one.recording);
  const onTape = tape.keys.find(
    (key) => key.startsWith(tapePrefix(one.recording)) && !isOrphan(world, id, key),
  );
  if (onTape !== undefined) find('erased', `${onTape} is there, though its recording is erased`);
  const named = (key: string) => key.includes(`/${contactId}/${startFragmentNumber}.`);
  const [file] = recordings.keys.filter(named);
  if (file !== undefined) find('erased', `${file} is there, though its recording is erased`);
  if (calls.item(callKey(one.recording)) !== undefined) find('erased', 'there is a record of what is erased');
  const stone = checkpoints.item(id);
  if (stone?.erasedAt === undefined) find('erased', 'there is no tombstone');
  const more = Object.keys(stone ?? {}).filter((name) => !TOMBSTONE.has(name));
  if (more.length > 0) find('erased', `the tombstone tells ${more.join(', ')}`);
  const voice = voicesOf(world, one.fragments).find((key) => !isOrphan(world, id, key));
  if (voice !== undefined) find('erased', `${voice} holds audio of an erased recording`);
  const wav = wavsOf(world, one.fragments).find((key) => !isToldToHold(world, key));
  if (wav !== undefined) find('erased', `${wav} holds audio of an erased recording, and nobody is told`);
}

/** WAVs, of whichever recording, in which there is a block of these fragments. */
function wavsOf({ recordings }: World, fragments: readonly TrueFragment[]): string[] {
  const blocks = fragments.flatMap((one) => one.blocks.filter(({ pcm }) => pcm.length >= MIN_BYTES));
  return recordings.keys.filter((key) => {
    const wav = key.endsWith('.wav') ? recordings.get(key) : undefined;
    if (wav === undefined) return false;
    const sides = ([0, 1] as const).map((channel) => sideOf(wav, channel));
    return blocks.some(({ channel, pcm }) => sides[channel]?.includes(Buffer.from(pcm)) === true);
  });
}

function sideOf(wav: Uint8Array, channel: 0 | 1): Buffer {
  const frames = new Int16Array(wav.slice(WAV_HEADER_BYTES).buffer);
  return Buffer.from(frames.filter((_, at) => at % 2 === channel).buffer);
}

/** Its recorder had given up, and its last assembly was before anybody knew of the erased one: the command has said so. */
function isToldToHold({ calls }: World, key: string): boolean {
  const write = calls.history.findLast(({ after }) => key.includes(`/${after.startFragmentNumber}.`));
  const { endReason, verification, nextKnownFrom } = write?.after ?? {};
  if (endReason !== 'RECORDER_GAVE_UP') return false;
  return Date.parse(verification?.at ?? '') < Date.parse(nextKnownFrom ?? '');
}

/**
 * Written when the command had gone, by a task that had slept until then, and died before it could look for the tombstone;
 * or had looked, and left, when a request that it took for failed took effect.
 */
function isOrphan({ operators, tapeWrites }: World, id: string, key: string): boolean {
  const write = tapeWrites.find((one) => one.key === key);
  const isLate = (write?.atMs ?? 0) > (operators.erased.get(id) ?? Infinity);
  return isLate && write?.by?.isDead === true && (!write.by.hasLeft || write.isAfterwards === true);
}

/** Tape objects, of whichever recording, in which there is a block of these fragments. */
function voicesOf({ tape, tapeWrites }: World, fragments: readonly TrueFragment[]): string[] {
  const blocks = fragments.flatMap((one) => one.blocks.filter(({ pcm }) => pcm.length >= MIN_BYTES));
  const standing = new Set(tape.keys);
  return tapeWrites
    .filter(({ key, segment }) => {
      const bytes = Buffer.from(segment.bytes);
      return standing.has(key) && blocks.some(({ pcm }) => bytes.includes(Buffer.from(pcm)));
    })
    .map(({ key }) => key);
}

/** So many bytes of noise are alike nowhere else. */
const MIN_BYTES = 16;

/** What the tape of a recording holds now. */
export function standingOn({ stream, tape, tapeWrites }: World, { recording }: TrueRecording): TapeContent {
  const now = new TapeContent(stream.fragments);
  const prefix = tapePrefix(recording);
  for (const { recording: of, key, segment } of tapeWrites)
    if (tapePrefix(of) === prefix && tape.keys.includes(key)) now.add(segment);
  return now;
}

/** An erasure takes nothing from the recordings beside it: what their tapes have ever held they still hold. */
export function checkUnharmed(world: World, one: TrueRecording, held: TapeContent, find: Find): void {
  if (world.expired > 0) return;
  const now = standingOn(world, one);
  const lost = one.fragments.findIndex((fragment) => held.hasAllOf(fragment) && !now.hasAllOf(fragment));
  if (lost >= 0) find('unharmed', `fragment ${lost + 1} was on the tape, and is no more`);
}
