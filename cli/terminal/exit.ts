/** How a command ends. docs/OPERATING.md lists the exit codes for scripts. */
export const EXIT = {
  ok: 0,
  /** Something went wrong: `callspool: …` on standard error says what, and what to do. */
  failed: 1,
  /** The command line is wrong; nothing was done. */
  usage: 2,
  /** There is no such call, or nothing of what was asked for. */
  notFound: 3,
  /** It was done as far as it goes, but a recording isn't COMPLETE (yet), or something was found amiss. */
  notComplete: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with one line on standard error, and a line with the remedy where there is one. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(exitCode: ExitCode, message: string, hint?: string, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
    this.hint = hint;
  }
}
