/** `callspool deployer-policy`: what whoever deploys may do, for one deployment. It asks AWS nothing. */
import * as v from 'valibot';
import type { Argv, CommandModule } from 'yargs';
import { fail } from '../access/run.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note, print } from '../terminal/io.ts';
import { deployerPolicy, filledIn, inParts, type Network, NETWORKS } from './policy.ts';

const ACCOUNT = 'the account’s id, 12 digits';
const REGION = 'the region that is deployed to, such as eu-west-2';
const Arguments = v.object({
  prefix: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z](?:-?[a-z0-9])+$/, 'the deployment’s prefix')),
    'callspool',
  ),
  region: v.pipe(v.optional(v.string(), ''), v.regex(/^[a-z]{2}(-[a-z]+)+-\d$/, REGION)),
  account: v.pipe(v.optional(v.string(), ''), v.regex(/^\d{12}$/, ACCOUNT)),
  instance: v.optional(v.pipe(v.string(), v.regex(/^(\*|[0-9a-f-]{36})$/, 'the Connect instance’s id')), '*'),
  network: v.optional(v.picklist(NETWORKS), 'public'),
  regulated: v.optional(v.boolean(), false),
  part: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

/** @param onExit takes the command's exit code */
export function deployerPolicyCommand(io: Io, onExit: (code: ExitCode) => void): CommandModule {
  return {
    command: 'deployer-policy',
    describe: 'Print the IAM policy that whoever deploys needs',
    builder,
    handler: (args) => {
      try {
        printPolicy(io, args);
        onExit(EXIT.ok);
      } catch (error) {
        onExit(fail(io, error));
      }
    },
  };
}

function printPolicy(io: Io, args: unknown): void {
  const { success, output, issues } = v.safeParse(Arguments, args);
  if (!success) {
    const [issue] = issues;
    throw new CliError(EXIT.usage, `--${v.getDotPath(issue) ?? ''} wants ${issue.message}`);
  }
  const { network, regulated, part, ...place } = output;
  const whole = filledIn(deployerPolicy(network, regulated), place);
  const parts = inParts(whole);
  const wanted = part === undefined ? whole : parts[part - 1];
  if (wanted === undefined) {
    throw new CliError(EXIT.usage, `there are ${parts.length} parts`, `--part 1 to --part ${parts.length}`);
  }
  print(io, JSON.stringify(wanted, null, 2));
  if (part !== undefined) return;
  note(io, `(a managed policy of IAM holds less: --part 1 to --part ${parts.length} print ${parts.length})`);
}

function builder(yargs: Argv): Argv {
  return yargs
    .option('account', { type: 'string', requiresArg: true, describe: 'The AWS account’s id' })
    .option('instance', {
      type: 'string',
      requiresArg: true,
      describe: 'The Connect instance’s id',
      defaultDescription: '*, any of the account’s',
    })
    .option('network', {
      choices: NETWORKS satisfies readonly Network[],
      describe: 'The deployment’s setting network',
      defaultDescription: 'public',
    })
    .option('regulated', {
      type: 'boolean',
      default: false,
      describe: 'With what the settings accessLogs, flowLogs and replicateTo need, too',
    })
    .option('part', {
      type: 'number',
      requiresArg: true,
      describe: 'One of the parts that IAM takes as managed policies',
    })
    .example('$0 deployer-policy --account 123456789012 --region eu-west-2', 'all of it')
    .example(
      '$0 deployer-policy --account 123456789012 --region eu-west-2 --part 1 > deployer-1.json',
      'for aws iam create-policy --policy-document file://deployer-1.json',
    );
}
