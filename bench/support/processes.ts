/** What a process takes, by /proc: on Linux alone. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TICKS_PER_SECOND = 100;

/** User and system time so far. @returns undefined where there is no such process, or no /proc */
export function cpuSeconds(pid: number): number | undefined {
  const file = `/proc/${String(pid)}/stat`;
  if (!existsSync(file)) return undefined;
  // The 14th and 15th field; the second may hold spaces, and ends with a bracket.
  const fields = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** CPU time of all of its threads so far, to the microsecond. @returns NaN where there is no such process, or no /proc */
export function cpuMs(pid: number): number {
  const threads = `/proc/${String(pid)}/task`;
  if (!existsSync(threads)) return NaN;
  // The first field is the time on a CPU, in ns (Linux, Documentation/scheduler/sched-stats.rst).
  const ns = readdirSync(threads).map((thread) =>
    Number(readFileSync(join(threads, thread, 'schedstat'), 'utf8').split(' ')[0]),
  );
  return ns.reduce((sum, each) => sum + each, 0) / 1e6;
}

/** The processes that it has started, and that live: none where there is no /proc. */
export function childrenOf(pid: number): number[] {
  const file = `/proc/${String(pid)}/task/${String(pid)}/children`;
  if (!existsSync(file)) return [];
  return (readFileSync(file, 'utf8').match(/\d+/g) ?? []).map(Number);
}

export function residentMb(pid: number): number | undefined {
  return kilobytes(`/proc/${String(pid)}/status`, /VmRSS:\s+(\d+)/);
}

/** The most that it has held. */
export function peakMb(pid: number): number | undefined {
  return kilobytes(`/proc/${String(pid)}/status`, /VmHWM:\s+(\d+)/);
}

/** It and all that it has started, and they, and so on. */
export function familyOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(familyOf)];
}

/** Its share of memory: what several processes have in common (Node.js itself) counts for each in part. */
export function proportionalMb(pid: number): number | undefined {
  return kilobytes(`/proc/${String(pid)}/smaps_rollup`, /Pss:\s+(\d+)/);
}

function kilobytes(file: string, pattern: RegExp): number | undefined {
  if (!existsSync(file)) return undefined;
  return Number(pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? NaN) / 1024;
}
