/** Of functions/, changes that change nothing which anybody could see. */
import { type Equivalent, of } from './naming.ts';

const NO_SUCH_NAME = 'nothing has that name';

export const EQUIVALENT_IN_FUNCTIONS: readonly Equivalent[] = [
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
];
