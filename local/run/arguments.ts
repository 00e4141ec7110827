/** The command line of `npm run local`. */
import { join } from 'node:path';
import * as v from 'valibot';
import yargs from 'yargs';
import { LIMITS } from '../../contract/limits.ts';
import {
  FURTHER_FORMAT_NAMES,
  FURTHER_FORMATS,
  type FurtherFormatName,
} from '../../recording/audio/files/formats.ts';
import { InputError } from './call.ts';
import { type LiveSinks, parseLive } from './live.ts';

export interface Arguments {
  readonly media: string;
  readonly out: string;
  readonly contact: string | undefined;
  readonly segmentSeconds: number;
  readonly killAtSeconds: number | undefined;
  readonly pace: number | undefined;
  /** What recorders can reach. */
  readonly network: (typeof NETWORKS)[number];
  /** Beside the WAV. */
  readonly formats: readonly FurtherFormatName[];
  /** Who listens while people talk, by sink. */
  readonly live: LiveSinks;
}

const SAMPLE = join(import.meta.dirname, '../sample/call.wav');
const OUT = 'local-out';
/** Less than a deployment’s, whose calls are longer: what a crash amid a short call costs is to be seen. */
const SEGMENT_SECONDS = 10;
const NETWORKS = ['public', 'ipv6'] as const;
const PACE = { min: 0.01, max: 10_000 };
const KILL_AT = { min: 0, max: 1_000_000 };

/** @param argv what follows the program's name. @returns undefined when help was asked for, and printed. @throws InputError */
export async function parseArguments(argv: readonly string[]): Promise<Arguments | undefined> {
  const parsed = await parse(argv);
  if (parsed.help === true) return undefined;
  const result = v.safeParse(given, parsed);
  if (!result.success) throw new InputError(result.issues[0].message);
  const formats = v.safeParse(givenFormats, parsed);
  if (!formats.success) throw new InputError(formats.issues[0].message);
  const { media, out, contact, pace, network } = result.output;
  return {
    media: media ?? SAMPLE,
    out: out ?? OUT,
    contact,
    segmentSeconds: result.output['segment-seconds'] ?? SEGMENT_SECONDS,
    killAtSeconds: result.output['kill-at'],
    pace,
    network,
    live: parseLive(liveTexts(parsed.live)),
    formats: FURTHER_FORMAT_NAMES.filter((name) => formats.output[name] === true),
  };
}

async function parse(argv: readonly string[]) {
  try {
    return await newParser().parseAsync([...argv]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new InputError(`${message} (npm run local -- --help tells more)`);
  }
}

function newParser() {
  return yargs()
    .scriptName('npm run local --')
    .usage('$0 [options]\n\nRecords one call with the whole system, on this machine and without AWS.')
    .option('media', {
      type: 'string',
      requiresArg: true,
      describe: 'The call: a GetMedia dump (.mkv), or a WAV (left: customer, right: agent; mono: customer)',
      defaultDescription: 'a sample call',
    })
    .option('out', {
      type: 'string',
      requiresArg: true,
      describe:
        'Folder for the recording, its page, the call record, the S3 objects, the tables and the logs',
      defaultDescription: `${OUT}/`,
    })
    .option('contact', {
      type: 'string',
      requiresArg: true,
      describe: 'Contact whose call of a dump it is; what a WAV’s contact is called',
      defaultDescription: 'a dump’s first; a WAV’s is made up',
    })
    .option('segment-seconds', {
      type: 'number',
      requiresArg: true,
      describe: `Media in an object of the tape, ${range(LIMITS.segmentSeconds)} s`,
      defaultDescription: String(SEGMENT_SECONDS),
    })
    .option('kill-at', {
      type: 'number',
      requiresArg: true,
      describe: 'Send the first task SIGKILL once so many seconds of audio are checkpointed',
    })
    .option('pace', {
      type: 'number',
      requiresArg: true,
      describe: 'Multiple of live at which the audio comes; 1 is live',
      defaultDescription: 'as fast as it goes',
    })
    .option('network', {
      choices: NETWORKS,
      default: 'public' as const,
      requiresArg: true,
      describe: 'ipv6: the recorder asks Connect by a function, as it does where it has no IPv4',
    })
    .options(
      Object.fromEntries(
        FURTHER_FORMAT_NAMES.map((name) => [
          name,
          {
            type: 'boolean' as const,
            describe: `Write the recording as ${FURTHER_FORMATS[name].title}, too, beside the WAV`,
          },
        ]),
      ),
    )
    .option('live', {
      type: 'string',
      requiresArg: true,
      describe:
        'Who listens while people talk: pieces (a WAV a second in S3), exec=COMMAND, socket=PATH, ' +
        'websocket=URL[,audiohook or twilio], recognise (writes down what is said), transcribe (the same, by a stand-in of Amazon ' +
        'Transcribe); give it once for each',
    })
    .example('$0', 'the sample call')
    .example('$0 --media call.wav --kill-at 12', 'a crash amid the call, and the recovery')
    .example('$0 --media dump.mkv --contact ID --out ID', 'one call of a stream that was saved')
    .epilog('Exit code: 0 COMPLETE, 3 any other status, 2 bad usage or input.')
    .strict()
    .demandCommand(0, 0)
    .parserConfiguration({ 'boolean-negation': false })
    .locale('en')
    .version(false)
    .wrap(100)
    .exitProcess(false)
    .fail(false);
}

function liveTexts(given: unknown): string[] {
  return (Array.isArray(given) ? given : [given]).filter((one) => typeof one === 'string');
}

function text(name: string) {
  const message = `give --${name} once, with a value`;
  return v.optional(v.pipe(v.string(message), v.nonEmpty(message)));
}

function number(name: string, limits: { readonly min: number; readonly max: number }) {
  const message = `--${name} must be a number from ${range(limits)}`;
  return v.optional(
    v.pipe(v.number(message), v.minValue(limits.min, message), v.maxValue(limits.max, message)),
  );
}

function range({ min, max }: { readonly min: number; readonly max: number }): string {
  return `${String(min)} to ${String(max)}`;
}

const given = v.object({
  media: text('media'),
  out: text('out'),
  contact: text('contact'),
  'segment-seconds': number('segment-seconds', LIMITS.segmentSeconds),
  'kill-at': number('kill-at', KILL_AT),
  pace: number('pace', PACE),
  network: v.picklist(NETWORKS, 'give --network once: public or ipv6'),
});

const givenFormats = v.object(
  Object.fromEntries(
    FURTHER_FORMAT_NAMES.map((name) => [name, v.optional(v.boolean(`give --${name} once`), false)]),
  ),
);
