import type { Transcripts } from '../../ports/transcripts/transcripts.ts';
import { CliError, EXIT } from '../terminal/exit.ts';

/** Stands for the transcripts of a deployment whose table of what was said isn't named: the stack deploys none (docs/WORDS.md). */
export class NoTranscripts implements Transcripts {
  put(): Promise<void> {
    const hint = 'name one that you have made: --transcripts-table, or CALLSPOOL_TRANSCRIPTS_TABLE';
    return Promise.reject(new CliError(EXIT.failed, 'there is no table of what was said', hint));
  }

  ofRecording(): Promise<[]> {
    return Promise.resolve([]);
  }

  replace(): Promise<void> {
    return this.put();
  }

  remove(): Promise<void> {
    return Promise.resolve();
  }

  erase(): Promise<number> {
    return Promise.resolve(0);
  }
}
