/** The command line of `npm run rehearse`. */
import { resolve } from 'node:path';
import * as v from 'valibot';
import yargs from 'yargs';
import { SETTING_NAMES, type SettingName } from '../../../stacks/config/settings.ts';
import type { NetworkName } from '../stack/setting-changes.ts';
import type { Named } from '../tools/find.ts';

const NETWORKS = ['public', 'nat', 'ipv6', 'existing'] as const;

export const EXTENTS = ['some', 'planned', 'all'] as const;
export type Extent = (typeof EXTENTS)[number];

export interface Arguments {
  readonly network: NetworkName;
  readonly keep: boolean;
  /** Which settings are changed: some; every one, in a plan; every one, applied, too. */
  readonly settings: Extent;
  /** Only these, where some are given: planned, applied and recorded with. */
  readonly only: readonly SettingName[];
  /** A commit whose stack is deployed first, and upgraded in the middle of a call. */
  readonly upgradeFrom: string | undefined;
  /** A copy of the checkout in which cdktf has been left for cdktn. */
  readonly cdktn: string | undefined;
  readonly named: Named;
  readonly provider: string | undefined;
  readonly runtime: string | undefined;
  readonly s3ByPath: boolean;
  /** Whether what was seen is written down in the repository. */
  readonly write: boolean;
}

/** When the command line is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What `--upgrade-from` without a commit means, until there is a release. */
const EARLIER = 'f5e634c';

const text = v.optional(v.pipe(v.string(), v.nonEmpty()));
const given = v.object({
  network: v.picklist(NETWORKS),
  keep: v.boolean(),
  all: v.boolean(),
  planned: v.boolean(),
  setting: v.optional(v.array(v.picklist(SETTING_NAMES, 'there is no such setting')), []),
  'upgrade-from': text,
  terraform: text,
  cdktf: text,
  cdktn: text,
  moto: text,
  checkov: text,
  provider: v.optional(v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/))),
  runtime: v.optional(v.pipe(v.string(), v.regex(/^nodejs\d+\.x$/))),
  's3-by-path': v.boolean(),
  write: v.boolean(),
});

/** @returns undefined when help was asked for, and printed. @throws UsageError */
export async function parseArguments(argv: readonly string[]): Promise<Arguments | undefined> {
  const parsed = await parse(argv);
  if (parsed.help === true) return undefined;
  const result = v.safeParse(given, parsed);
  if (!result.success) {
    const [issue] = result.issues;
    throw new UsageError(`--${v.getDotPath(issue) ?? ''}: ${issue.message}`);
  }
  const { network, keep, all, planned, setting, provider, runtime, write } = result.output;
  const { terraform, cdktf, cdktn, moto, checkov } = result.output;
  const from = result.output['upgrade-from'];
  return {
    network,
    keep,
    settings: all ? 'all' : planned ? 'planned' : 'some',
    only: setting,
    provider,
    runtime,
    write,
    upgradeFrom: from,
    cdktn: cdktn === undefined ? undefined : resolve(cdktn),
    s3ByPath: result.output['s3-by-path'],
    named: {
      ...(terraform !== undefined && { terraform }),
      ...(cdktf !== undefined && { cdktf }),
      ...(moto !== undefined && { moto }),
      ...(checkov !== undefined && { checkov }),
    },
  };
}

async function parse(argv: readonly string[]) {
  try {
    return await newParser().parseAsync(argv.map((word, index) => withCommit(word, argv[index + 1])));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message} (npm run rehearse -- --help tells more)`);
  }
}

/** `--upgrade-from` may stand alone. */
function withCommit(word: string, next: string | undefined): string {
  if (word !== '--upgrade-from') return word;
  return next === undefined || next.startsWith('-') ? `${word}=${EARLIER}` : word;
}

function newParser() {
  const file = { type: 'string', requiresArg: true } as const;
  return yargs()
    .scriptName('npm run rehearse --')
    .usage(
      '$0 [options]\n\nPlays the whole life of a deployment on this machine, by the real tools and without AWS.',
    )
    .option('network', {
      choices: NETWORKS,
      default: 'public' as const,
      describe: 'The network that is deployed',
    })
    .option('keep', {
      type: 'boolean',
      default: false,
      describe: 'Stop once calls are recorded and leave it running, to try the CLI and Terraform on it',
    })
    .option('planned', {
      type: 'boolean',
      default: false,
      describe: 'Every setting, changed in a plan; some applied and recorded with',
    })
    .option('all', { type: 'boolean', default: false, describe: 'Every setting, applied and recorded with' })
    .option('setting', {
      ...file,
      array: true,
      describe: 'Only these settings (logLevel, …), applied and recorded with',
    })
    .option('upgrade-from', {
      ...file,
      describe: `Begin with this commit’s stack, and upgrade in the middle of a call (alone: ${EARLIER})`,
    })
    .option('terraform', { ...file, describe: 'Terraform or OpenTofu', defaultDescription: 'on the PATH' })
    .option('cdktf', { ...file, describe: 'The cdktf CLI', defaultDescription: 'on the PATH' })
    .option('cdktn', {
      ...file,
      describe:
        'A folder that `npm run test:cdktn -- DIR` has left: its stack is planned on the same state, too',
    })
    .option('moto', { ...file, describe: 'moto_server', defaultDescription: 'on the PATH' })
    .option('checkov', {
      ...file,
      describe: 'checkov, which looks at the plan; it goes without',
      defaultDescription: 'on the PATH',
    })
    .option('provider', { ...file, describe: 'Switch: this version of the AWS provider, not the pinned one' })
    .option('runtime', {
      ...file,
      describe: 'Switch: this runtime of the functions (nodejs20.x), for an older provider',
    })
    .option('s3-by-path', {
      type: 'boolean',
      default: true,
      describe: 'Switch: S3 is asked as /bucket/key',
    })
    .option('write', {
      type: 'boolean',
      default: false,
      describe: 'Write down in the repository what was asked for, and what settings touch',
    })
    .example('$0', 'from nothing to nothing')
    .example('$0 --keep', 'and leave it there, to look at')
    .example('$0 --all --write', 'every setting; the record of it goes into the repository')
    .epilog('Exit code: 0 all as it should be, 1 not, 2 bad usage, 3 a tool is missing.')
    .strict()
    .demandCommand(0, 0)
    .locale('en')
    .version(false)
    .wrap(100)
    .exitProcess(false)
    .fail(false);
}
