/** Of functions/, changes that change nothing which anybody could see. */
import { type Equivalent, FAST, of } from './naming.ts';

const NO_SUCH_NAME = 'nothing has that name';
const CLAIMED = 'the record stands there once the assembly has claimed it';

export const EQUIVALENT_IN_FUNCTIONS: readonly Equivalent[] = [
  ...of('functions/assemble/assemble.ts', [
    'const transcript = await transcriptBeside(assembly, pass, judgement, own?.transcript);',
    CLAIMED,
    'own.transcript',
  ]),
  ...of('functions/assemble/completion.ts', [
    '...(originMs !== undefined && { originMs }),',
    'an attribute that is undefined is none, in the table and in JSON',
    'true',
  ]),
  ...of(
    'functions/assemble/earlier-assembly.ts',
    [
      'const isThere = record.audio !== undefined && (await recordings.standing(key)) !== undefined;',
      'whoever names no audio is asked for no WAV',
      'true',
    ],
    [
      'const isOfSame = verification === undefined || beside?.audio?.sha256 === audio?.sha256;',
      'a WAV is verified, or there is none',
      'audio.sha256',
    ],
    ['if (!bytes) return undefined;', 'what isn’t there can’t be read either', 'false'],
    ['} catch {', 'undefined is given without it, too', '{}'],
  ),
  ...of(
    'functions/assemble/ended.ts',
    ['if (checkpoint?.ended) return { ...checkpoint, ended: checkpoint.ended };', FAST, 'false'],
    [
      'if (endReason === undefined || endedAt === undefined || !SAW_THE_END.has(endReason)) return undefined;',
      'undefined is none of the ends that were seen',
      'false',
    ],
  ),
  ...of('functions/assemble/erased.ts', ['() => false,', 'undefined is taken for false', '() => undefined']),
  ...of('functions/assemble/file-upload.ts', [
    'if (bytes.length === PART_BYTES) this.#spare.push(bytes);',
    'what is of another length goes up last, and nothing is filled after it',
    'true',
  ]),
  ...of('functions/assemble/gather.ts', [
    'const disconnectedAt = own?.disconnectedAt ?? facts.disconnectedAt;',
    CLAIMED,
    'own.disconnectedAt',
  ]),
  ...of('functions/assemble/gather.ts', [
    'const suspects = earlier.evidence?.losses ?? [];',
    'what is no damage is no suspect',
    '["Stryker was here"]',
  ]),
  ...of(
    'functions/connect/event.ts',
    [
      "return InstanceARN ?? instanceArnIn(ContactARN ?? '') ?? instanceArnIn(Queue?.ARN ?? '');",
      'what is no ARN names no instance',
      '"Stryker was here!"',
    ],
    [
      'if (!StreamARN || !StartFragmentNumber) return { odd: [] };',
      'nobody is told of what is odd where there is nothing to record',
      '["Stryker was here"]',
    ],
    [
      'const isStopped = stop !== undefined && stop >= start;',
      'undefined is not as high as any number',
      'true',
    ],
  ),
  ...of(
    'functions/connect/handler.ts',
    [
      "startRecording(deps, start, context?.awsRequestId ?? ''),",
      'any name does for whoever has none',
      '"Stryker was here!"',
    ],
    ["if (WITHOUT_AUDIO.has(Channel?.toUpperCase() ?? '')) {", NO_SUCH_NAME, '"Stryker was here!"'],
  ),
  ...of('functions/connect/live-rule.ts', [
    "return rule.otherwise === 'on' && percentileOf(contactId) < rule.percent ? 'on' : 'off';",
    'of 2^32 hashes four are a whole number of percent',
    'percentileOf(contactId) <= rule.percent',
  ]),
  ...of('functions/contact-event/event.ts', ['default:', 'undefined is given without it, too']),
  ...of('functions/support/facts.ts', [
    'export function leftOut(event: unknown, facts: unknown, maps: readonly string[] = []): string[] {',
    NO_SUCH_NAME,
    '["Stryker was here"]',
  ]),
  ...of('functions/connect/times.ts', [
    'if (told !== undefined && told >= EARLIEST_MS && told <= latestMs)',
    'undefined is not as high as any number',
    'true',
  ]),
];
