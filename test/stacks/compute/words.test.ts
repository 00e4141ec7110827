/** What is deployed where what is said is written down, and what is kept of it. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  CONTAINER,
  LISTENER_CONTAINER,
  LIVE_SOCKETS,
  RECOGNISER_CONTAINER,
} from '../../../contract/names.ts';
import { RUN_VARIABLES } from '../../../contract/variables.ts';
import { readLiveSettings } from '../../../live/settings.ts';
import { readConfig } from '../../../stacks/config/config.ts';
import { taskSize } from '../../../stacks/config/task-size.ts';
import { CONTACT_ID, START_FRAGMENT_NUMBER } from '../../support/call.ts';
import { DEPLOYMENTS } from '../deployments.ts';
import { decide } from '../policies/decide.ts';
import { arnsOf, documentOf, resolved } from '../policies/documents.ts';
import { INSTANCE_ARN, resource, synthesise, type Synthesised } from '../synthesise.ts';
import { containersIn } from './containers.ts';

const EVERYTHING = DEPLOYMENTS['written down while people talk, in every way'];
const RECOGNISE = { liveSinks: 'recognise', recogniseImage: 'example/recogniser:1' };

function deployed(settings: Readonly<Record<string, unknown>>): Synthesised {
  const stack = synthesise({ instanceArn: INSTANCE_ARN, ...settings });
  stack.dispose();
  return stack;
}

function containersOf(stack: Synthesised) {
  return new Map(containersIn(stack, 'live_task').map((one) => [one.name, one]));
}

function variablesOf(stack: Synthesised, name: string): Record<string, string> {
  const { environment = [] } = containersOf(stack).get(name) ?? {};
  return Object.fromEntries(environment.map((one) => [one.name, one.value]));
}

function sinksOf(stack: Synthesised) {
  const told = {
    [RUN_VARIABLES.contactId]: CONTACT_ID,
    [RUN_VARIABLES.startFragmentNumber]: START_FRAGMENT_NUMBER.toString(),
  };
  return readLiveSettings({ ...variablesOf(stack, LISTENER_CONTAINER), ...told }).sinks;
}

/** Whether a task may read of a table. */
async function mayRead(stack: Synthesised, table: 'calls' | 'checkpoints'): Promise<boolean> {
  const { policy } = resource(stack, 'aws_iam_role_policy', 'task_policy');
  const arns = arnsOf(stack);
  const identity = [documentOf(resolved(String(policy), arns))];
  const name = arns.get(`aws_dynamodb_table.${table}`) ?? '';
  return (await decide({ action: 'dynamodb:GetItem', resource: name, identity })).allowed;
}

const ASSEMBLY = v.object({ environment: v.object({ variables: v.record(v.string(), v.string()) }) });
const assemblyOf = (stack: Synthesised) =>
  v.parse(ASSEMBLY, resource(stack, 'aws_lambda_function', 'assemble')).environment.variables;

const everything = deployed(EVERYTHING);
const recognised = deployed(RECOGNISE);
const transcribed = deployed({ liveSinks: 'transcribe' });
const plain = deployed({});

describe('the table of what was said', () => {
  it.each([
    ['where nobody writes it down', plain],
    ['of data alone', deployed({ dataOnly: true })],
    ['where somebody does', everything],
  ])('is there, kept as the others are: %s', (_, stack) => {
    expect(resource(stack, 'aws_dynamodb_table', 'transcripts')).toMatchObject({
      name: 'callspool-transcripts',
      hash_key: 'recordingId',
      range_key: 'segmentId',
      billing_mode: 'PAY_PER_REQUEST',
      ttl: { enabled: true, attribute_name: 'expiresAt' },
      server_side_encryption: { enabled: true, kms_key_arn: '${aws_kms_key.data_key.arn}' },
      point_in_time_recovery: { enabled: true },
      deletion_protection_enabled: true,
      lifecycle: { prevent_destroy: true },
    });
  });

  it('and the files beside the WAV last as long as a setting says', () => {
    const rule = {
      id: 'words',
      status: 'Enabled',
      filter: [{ and: [{ prefix: 'recordings/', tags: { 'callspool-kind': 'transcript' } }] }],
      expiration: [{ days: 90 }],
    };

    expect(resource(everything, 'aws_s3_bucket_lifecycle_configuration').rule).toContainEqual(rule);
    // Also when nobody writes any more.
    const kept = deployed({ transcriptDays: 90 });
    expect(resource(kept, 'aws_s3_bucket_lifecycle_configuration').rule).toContainEqual(rule);
    expect(JSON.stringify(resource(plain, 'aws_s3_bucket_lifecycle_configuration').rule)).not.toContain(
      'words',
    );
  });
});

describe('the recogniser', () => {
  it('is a container that may fail, with limits of its own, and connects where the listener is', () => {
    const recogniser = containersOf(recognised).get(RECOGNISER_CONTAINER);

    expect(recogniser).toMatchObject({
      image: 'example/recogniser:1',
      essential: false,
      memory: 256,
      linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
      mountPoints: [{ containerPath: LIVE_SOCKETS.folder, readOnly: true, sourceVolume: 'run' }],
      dependsOn: [{ condition: 'START', containerName: LISTENER_CONTAINER }],
      logConfiguration: { options: { 'awslogs-stream-prefix': RECOGNISER_CONTAINER } },
    });
    expect(recogniser).not.toHaveProperty('user');
    expect(variablesOf(recognised, RECOGNISER_CONTAINER)).toEqual({
      CALLSPOOL_LIVE_SOCKET: LIVE_SOCKETS.words,
    });
    expect(sinksOf(recognised)).toMatchObject([{ by: { socket: LIVE_SOCKETS.words } }]);
    expect(resource(recognised, 'aws_ecs_task_definition', 'live_task')).toMatchObject({
      cpu: '256',
      memory: '1024',
    });
  });

  it('is told its model and its language, and pulled by a right to that image', () => {
    expect(variablesOf(everything, RECOGNISER_CONTAINER)).toEqual({
      CALLSPOOL_LIVE_SOCKET: LIVE_SOCKETS.words,
      CALLSPOOL_RECOGNISE_MODEL: '/opt/base',
      CALLSPOOL_RECOGNISE_LANGUAGE: 'en',
      CALLSPOOL_RECOGNISE_PARTIAL_SECONDS: '2',
    });
    expect(String(resource(everything, 'aws_iam_role_policy', 'execution_policy').policy)).toContain(
      'arn:aws:ecr:eu-west-1:210987654321:repository/their/recogniser',
    );
  });

  it.each([
    [{}, 256, 1_024, 32],
    [{ recogniseMemory: 257 }, 256, 2_048, 32],
    [{ recogniseCpu: 256, recogniseMemory: 512 }, 512, 2_048, 256],
    [{ liveSinks: 'socket,recognise', liveImage: 'a/b:1' }, 512, 2_048, 32],
  ])(
    '%j takes a task of %i CPU units and %i MiB, and comes after the recorder',
    (more, cpu, memoryMib, own) => {
      const size = taskSize(readConfig({}, { ...RECOGNISE, ...more }));

      expect(size).toMatchObject({ cpu, memoryMib, shares: { recogniser: own } });
      const shares = Object.values<number>({ ...size?.shares });
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(cpu);
      expect(size?.shares.recorder).toBeGreaterThanOrEqual(160);
    },
  );

  it('leaves the others as they are', () => {
    const names = [...containersOf(everything).keys()];

    expect(names).toEqual([CONTAINER, LISTENER_CONTAINER, RECOGNISER_CONTAINER]);
    expect([...containersOf(transcribed).keys()]).toEqual([CONTAINER, LISTENER_CONTAINER]);
    expect(
      JSON.stringify([plain.resource.aws_lambda_function, plain.resource.aws_ecs_task_definition]),
    ).not.toMatch(/TRANSCRI|RECOGNIS|CALLSPOOL_MASK/);
  });
});

describe('the listener', () => {
  it('is told all that its deployer says, as it reads it itself', () => {
    const [recognise, transcribe] = sinksOf(everything);
    const told = { bus: 'default', partials: true };
    const table = expect.stringContaining('aws_dynamodb_table.transcripts') as string;

    expect(recognise).toMatchObject({
      name: 'recognise',
      attribute: { name: 'tongue', among: ['en', 'de', 'en-GB'] },
      callsTable: expect.stringContaining('aws_dynamodb_table.calls') as string,
      behindMs: 60_000,
      keepDays: 90,
      told,
    });
    expect(transcribe).toMatchObject({
      name: 'transcribe',
      languages: ['en-US', 'de-DE'],
      attribute: { name: 'spoken', among: ['fr-FR', 'de-DE'] },
      vocabularies: [
        { language: 'en-US', name: 'products' },
        { language: 'de-DE', name: 'produkte' },
      ],
      filters: [{ language: 'en-US', name: 'rude' }],
      filterMethod: 'mask',
      pii: 'identify',
      piiTypes: ['NAME', 'SSN'],
      keepDays: 90,
      transcriptsTable: table,
      callsTable: expect.stringContaining('aws_dynamodb_table.calls') as string,
      scale: 1,
      told,
    });
    for (const sink of sinksOf(everything)) expect(sink).toMatchObject({ patterns: { length: 2 } });
  });

  it('is told what is its own default where its deployer says nothing', () => {
    expect(sinksOf(transcribed)).toMatchObject([
      { languages: ['en-US'], attribute: undefined, pii: undefined, keepDays: undefined, told: undefined },
    ]);
    expect(sinksOf(recognised)).toMatchObject([
      { behindMs: Infinity, attribute: undefined, patterns: [], told: undefined },
    ]);
    for (const stack of [transcribed, recognised])
      expect(variablesOf(stack, LISTENER_CONTAINER)).not.toHaveProperty('CALLSPOOL_CALLS_TABLE');
  });

  const named = { recogniseLanguageAttribute: 'spoken', recogniseAttributeLanguages: 'en,de' };
  const ofTranscribe = { transcribeLanguageAttribute: 'spoken', transcribeAttributeLanguages: 'de-DE' };
  it.each<[string, Synthesised, boolean]>([
    ['recognise', recognised, false],
    ['recognise by an attribute', deployed({ ...RECOGNISE, keepAttributes: true, ...named }), true],
    ['transcribe', transcribed, false],
    [
      'transcribe by an attribute',
      deployed({ liveSinks: 'transcribe', keepAttributes: true, ...ofTranscribe }),
      true,
    ],
  ])(
    'with %s is told of the calls table where it reads the call’s language there: %#',
    async (_, stack, reads) => {
      expect('CALLSPOOL_CALLS_TABLE' in variablesOf(stack, LISTENER_CONTAINER)).toBe(reads);
      expect(await mayRead(stack, 'calls')).toBe(reads);
      expect(await mayRead(stack, 'checkpoints')).toBe(true);
    },
  );
});

describe('the assembly', () => {
  it('writes what was said beside the WAV, of the source that is preferred', () => {
    const table = expect.stringContaining('aws_dynamodb_table.transcripts') as string;

    expect(assemblyOf(everything)).toMatchObject({
      CALLSPOOL_TRANSCRIPTS_TABLE: table,
      CALLSPOOL_TRANSCRIPT_SOURCE: 'transcribe',
    });
    expect(assemblyOf(transcribed)).toMatchObject({ CALLSPOOL_TRANSCRIPTS_TABLE: table });
    expect(assemblyOf(plain)).not.toHaveProperty('CALLSPOOL_TRANSCRIPTS_TABLE');
  });
});

describe('settings of words', () => {
  const both = { ...RECOGNISE, liveSinks: 'recognise,transcribe' };
  const transcribe = { liveSinks: 'transcribe' };

  it.each<[object, RegExp]>([
    [{ liveSinks: 'recognise' }, /liveSinks names recognise, so that recogniseImage must be set/],
    [{ mask: '###-##' }, /mask is set, but liveSinks is empty/],
    [{ transcribePii: 'redact' }, /transcribePii is set, but liveSinks is empty/],
    [{ liveSinks: 'pieces', mask: '###-##' }, /names neither recognise nor transcribe/],
    [
      { liveSinks: 'pieces', transcriptEvents: 'final' },
      /transcriptEvents is set, but liveSinks names neither/,
    ],
    [{ ...transcribe, recogniseModel: 'x' }, /recogniseModel is set, but liveSinks doesn’t name recognise/],
    [
      { ...RECOGNISE, transcribePii: 'redact' },
      /transcribePii is set, but liveSinks doesn’t name transcribe/,
    ],
    [
      { ...RECOGNISE, transcriptSource: 'transcribe' },
      /transcriptSource is set, but liveSinks doesn’t name both/,
    ],
    [
      { ...RECOGNISE, recogniseMemory: 16_384 },
      /recogniseCpu is 0 and recogniseMemory is 16384, but Fargate/,
    ],
    [{ ...RECOGNISE, recogniseModel: 'a b' }, /recogniseModel is "a b"/],
    [{ ...RECOGNISE, recogniseLanguage: 'English' }, /recogniseLanguage is "English"/],
    [
      { ...RECOGNISE, recogniseLanguageAttribute: 'spoken', keepAttributes: true },
      /recogniseLanguageAttribute is set, but recogniseAttributeLanguages is not/,
    ],
    [
      { ...RECOGNISE, recogniseAttributeLanguages: 'de', keepAttributes: true },
      /recogniseAttributeLanguages is set, but recogniseLanguageAttribute is not/,
    ],
    [
      { ...RECOGNISE, recogniseLanguageAttribute: 'spoken', recogniseAttributeLanguages: 'de' },
      /recogniseLanguageAttribute is set, but keepAttributes is false/,
    ],
    [
      { ...RECOGNISE, recogniseAttributeLanguages: 'de,German' },
      /recogniseAttributeLanguages is "de,German"/,
    ],
    [
      { ...transcribe, recogniseLanguageAttribute: 'spoken' },
      /recogniseLanguageAttribute is set, but liveSinks doesn’t name recognise/,
    ],
    [{ recogniseLanguageAttribute: 'spoken' }, /recogniseLanguageAttribute is set, but liveSinks is empty/],
    [{ ...RECOGNISE, recogniseBehindSeconds: 5 }, /recogniseBehindSeconds is "5"/],
    [{ ...transcribe, transcribeLanguage: 'english' }, /transcribeLanguage is "english"/],
    [{ ...transcribe, transcribeLanguage: 'en-US,en-GB' }, /several dialects of one/],
    [{ ...transcribe, transcribeLanguage: '' }, /transcribeLanguage is ""/],
    [
      { ...transcribe, transcribeLanguageAttribute: 'spoken', keepAttributes: true },
      /transcribeLanguageAttribute is set, but transcribeAttributeLanguages is not/,
    ],
    [
      { ...transcribe, transcribeLanguageAttribute: 'spoken', transcribeAttributeLanguages: 'de-DE' },
      /transcribeLanguageAttribute is set, but keepAttributes is false/,
    ],
    [{ ...transcribe, transcribeVocabularyFilter: 'rude' }, /transcribeVocabularyFilterMethod is not/],
    [{ ...transcribe, transcribeVocabularyFilterMethod: 'mask' }, /transcribeVocabularyFilter is not/],
    [{ ...transcribe, transcribeVocabulary: 'two words' }, /transcribeVocabulary is "two words"/],
    [{ ...transcribe, transcribePii: 'hide' }, /transcribePii is "hide"/],
    [
      { ...transcribe, transcribePiiEntities: 'NAME' },
      /transcribePiiEntities is set, but transcribePii is not/,
    ],
    [
      { ...transcribe, transcribePii: 'identify', transcribePiiEntities: 'SHOE_SIZE' },
      /transcribePiiEntities is "SHOE_SIZE"/,
    ],
    [
      { ...transcribe, transcribePii: 'redact', transcribeLanguage: 'en-US,de-DE' },
      /transcribePii is redact, but transcribeLanguage names several/,
    ],
    [{ ...both, transcribePii: 'redact', transcriptEvents: 'all' }, /redact, but transcriptEvents is all/],
    [{ ...transcribe, mask: '##' }, /mask is "##"/],
    [{ transcriptDays: 3_651 }, /transcriptDays is "3651"/],
    [
      {
        region: 'us-east-1',
        network: 'ipv6',
        liveSinks: 'recognise',
        recogniseImage: '123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1',
      },
      /recogniseImage is .*, which IPv4 alone reaches/,
    ],
  ])('%j is refused', (settings, message) => {
    expect(() => readConfig({}, settings)).toThrow(message);
  });

  it('of how long they are kept hold where nobody writes any more, too', () => {
    expect(readConfig({}, { transcriptDays: 30 }).transcriptDays).toBe(30);
  });
});
