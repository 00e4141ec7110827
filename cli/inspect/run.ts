/** Reads the parts, writes the tree, and gathers the summary. */
import { type Deployment, deploymentOf } from '../access/deployment.ts';
import { fail, sayWhich } from '../access/run.ts';
import { CliError, EXIT, type ExitCode } from '../terminal/exit.ts';
import { type Io, note, safe, writeBytes } from '../terminal/io.ts';
import type { WalkEvent } from './events.ts';
import { jsonLine, partLine, summaryLine } from './json-lines.ts';
import { matroskaSchema } from './schema.ts';
import type { Part } from './source.ts';
import { Summary } from './summary.ts';
import { summaryLines } from './summary-text.ts';
import { type Target, targetOf } from './target.ts';
import { treeLine } from './tree-text.ts';
import { ElementWalker } from './walker.ts';

export interface InspectOptions {
  /** A file, a tape, a call or a stream, as it was given. */
  readonly target: string;
  readonly json: boolean;
  /** Leave out the tree. */
  readonly summaryOnly: boolean;
  /** Show elements up to this depth. */
  readonly depth: number;
  /** Stop after so many fragments; 0: never. */
  readonly limit?: number | undefined;
  readonly from: string;
  readonly waitSeconds: number;
}

/** A live stream has three connections for all of its readers: nobody is to hold one by mistake. */
const LIVE_LIMIT = 10;
const FLUSH_CHARACTERS = 64 * 1024;

/** @param args all that yargs has parsed, for the deployment */
export async function runInspect(io: Io, args: unknown, options: InspectOptions): Promise<ExitCode> {
  const deployment = deploymentOf(args, io.env, io.cwd);
  try {
    const target = targetOf(options.target, io.cwd);
    if (isLookedFor(target, deployment)) sayWhich(io, deployment);
    if (target.kind !== 'stream') {
      const { storedParts } = await import('./source.ts');
      return await inspect(io, storedParts(target, deployment, io), options, options.limit ?? 0);
    }
    refuseStreamOf(deployment, target);
    const { livePart } = await import('./live-part.ts');
    const part = await livePart(target, deployment, io, options);
    const code = await inspect(io, [part], options, options.limit ?? LIVE_LIMIT);
    if (options.limit === undefined)
      note(io, `(--limit N reads more than ${LIVE_LIMIT} fragments; 0: until Ctrl-C)`);
    return code;
  } catch (error) {
    return fail(io, error, deployment);
  }
}

/** Tells whether the deployment says where it is. What a local run has not, it says itself. */
function isLookedFor(target: Target, { kind }: Deployment): boolean {
  if (target.kind === 'call') return true;
  return kind === 'aws' && (target.kind === 's3' || (target.kind === 'stream' && target.arn === undefined));
}

/** @throws CliError where a local run is meant: its stream ended with it. An ARN can only be one of AWS's */
function refuseStreamOf(deployment: Deployment, { name, arn }: Extract<Target, { kind: 'stream' }>): void {
  if (deployment.kind !== 'local' || (deployment.byDefault && arn !== undefined)) return;
  throw new CliError(
    EXIT.notFound,
    `${name} is no file, and the local run in ${deployment.dir} has no such call; its stream ended with it`,
    'name a file, or a contact’s or a recording’s id (calls list); for a stream on AWS, give --region or --profile',
  );
}

type Parts = AsyncIterable<Part> | Iterable<Part>;

async function inspect(io: Io, parts: Parts, options: InspectOptions, limit: number): Promise<ExitCode> {
  const lines = new LineWriter(io);
  const summary = new Summary();
  const schema = await matroskaSchema();
  let several = 0;
  for await (const { name, chunks } of parts) {
    several += 1;
    summary.beginPart(name);
    if (!options.summaryOnly) await lines.write(options.json ? partLine(name) : heading(name, several));
    const bytes = await walk(new ElementWalker(schema), chunks, summary, limit, async (event) => {
      if (options.summaryOnly || (event.kind === 'element' && event.depth > options.depth)) return;
      await lines.write(options.json ? jsonLine(event) : treeLine(event));
    });
    summary.endPart(bytes);
    if (reached(summary, limit)) break;
  }
  const result = summary.result();
  if (options.json) await lines.write(summaryLine(result));
  else await lines.write([...(options.summaryOnly ? [] : ['']), ...summaryLines(result)].join('\n'));
  await lines.flush();
  if (result.bytes === 0) throw new CliError(EXIT.notFound, 'there is nothing in it: not a byte');
  if (result.fragments === 0 && result.problemCount > 0)
    note(io, '(no Matroska at all: GetMedia dumps and the objects of a tape are)');
  return result.problemCount + result.streamErrorCount > 0 ? EXIT.notComplete : EXIT.ok;
}

function heading(name: string, nth: number): string {
  return `${nth > 1 ? '\n' : ''}${name}`;
}

/** @returns how many bytes were read */
async function walk(
  walker: ElementWalker,
  chunks: AsyncIterable<Uint8Array>,
  summary: Summary,
  limit: number,
  show: (event: WalkEvent) => Promise<void> | undefined,
): Promise<number> {
  for await (const chunk of chunks) {
    for (const event of walker.push(chunk)) {
      // What belongs to a fragment stands deeper than its Segment's children.
      if (event.depth <= 1 && reached(summary, limit)) return walker.offset;
      summary.add(event);
      await show(event);
    }
    if (reached(summary, limit)) return walker.offset;
  }
  for (const event of walker.finish()) {
    summary.add(event);
    await show(event);
  }
  return walker.offset;
}

function reached({ wholeFragments }: Summary, limit: number): boolean {
  return limit > 0 && wholeFragments >= limit;
}

/** Writes lines in pieces, and waits while the reader of a pipe is slower. */
class LineWriter {
  readonly #io: Io;
  #waiting: string[] = [];
  #length = 0;

  constructor(io: Io) {
    this.#io = io;
  }

  write(line: string): Promise<void> | undefined {
    this.#waiting.push(line);
    this.#length += line.length;
    return this.#length >= FLUSH_CHARACTERS || this.#io.stdout.isTTY === true ? this.flush() : undefined;
  }

  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const text = `${this.#waiting.join('\n')}\n`;
    this.#waiting = [];
    this.#length = 0;
    await writeBytes(this.#io.stdout, Buffer.from(safe(this.#io, text)));
  }
}
