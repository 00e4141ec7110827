/** Hears a stream by a recogniser, a program that is talked to as `recognise` does (recognisers/whisper). */
import { linesOf } from '../../../live/sinks/lines.ts';
import { audioMessage, endMessage, startMessage } from '../../../live/sinks/messages.ts';
import { startTalker } from '../../../live/sinks/recognise/talker.ts';
import { isHeard, parseSaid, SAID_LINE_BYTES_MAX } from '../../../recording/transcript/said.ts';
import { channelOf } from '../../../recording/transcript/segment.ts';
import type { Hearing, Tell } from './hearing.ts';

/** The recogniser is told of some call; it is none of anybody’s. */
const RECORDING = { contactId: '00000000-0000-4000-8000-000000000000', startFragmentNumber: 1n };

export function programHearing(command: string, sampleRate: number, tell: Tell): Hearing {
  const talker = startTalker(command);
  let frame = 0;
  let count = 0;
  const reading = (async () => {
    for await (const line of linesOf(talker.said, SAID_LINE_BYTES_MAX)) {
      const said = line === undefined ? undefined : parseSaid(line);
      if (said === undefined || isHeard(said)) continue;
      const { channel, startFrame, endFrame, words, final } = said;
      const id = `result-${String((count += 1))}`;
      tell({ id, channel: channelOf(channel), startFrame, endFrame, words, isFinal: final });
    }
  })();
  reading.catch(() => undefined);
  talker.told.write(startMessage({ recording: RECORDING, sampleRate, originMs: 0, startFrame: 0 }));
  return {
    give: (stereo) => {
      talker.told.write(audioMessage(frame, stereo));
      frame += stereo.length / 4;
    },
    end: async () => {
      talker.told.end(endMessage('ended'));
      await reading;
    },
    close: () => {
      talker.close();
    },
  };
}
