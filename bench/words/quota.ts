/** A share of one CPU for some processes together, as a task of Fargate has it: by the kernel’s cgroups, on Linux and as root alone. */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PERIOD_US = 100_000;
/** Version 1’s controller of CPU time; version 2’s root. */
const ROOTS = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup'] as const;
const LEAVE = { tries: 50, everyMs: 20 };

export interface Quota {
  /** Those that it starts from then on are in it, too. */
  add(pid: number): void;
  /** When all have gone. */
  remove(): Promise<void>;
}

/** @param vcpu of one CPU. @returns undefined where this user may set none */
export function quotaOf(vcpu: number): Quota | undefined {
  const quota = String(Math.round(vcpu * PERIOD_US));
  for (const root of ROOTS) {
    const dir = join(root, `callspool-bench-${String(process.pid)}`);
    const isFirst = existsSync(join(root, 'cpu.cfs_quota_us'));
    if (!isFirst && !existsSync(join(root, 'cgroup.controllers'))) continue;
    try {
      mkdirSync(dir);
      if (isFirst) {
        writeFileSync(join(dir, 'cpu.cfs_period_us'), String(PERIOD_US));
        writeFileSync(join(dir, 'cpu.cfs_quota_us'), quota);
      } else writeFileSync(join(dir, 'cpu.max'), `${quota} ${String(PERIOD_US)}`);
    } catch {
      continue;
    }
    return {
      add: (pid) => {
        writeFileSync(join(dir, 'cgroup.procs'), String(pid));
      },
      remove: () => gone(dir),
    };
  }
  return undefined;
}

async function gone(dir: string): Promise<void> {
  for (let tries = 0; tries < LEAVE.tries; tries += 1) {
    try {
      rmdirSync(dir);
      return;
    } catch {
      await sleep(LEAVE.everyMs);
    }
  }
}
