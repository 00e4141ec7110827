/**
 * What audio passes through is thrown away at once, and lies outside of the heap: V8 sees a small object where megabytes
 * wait, and looks for what can go when there is much of it. A Node.js that doesn't know a flag says so on stderr, and
 * goes on.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the young generation at the 1 MiB that it begins with, instead of 16 MiB and more. Hardly anything survives in
 * it, so that looking more often takes little time (`npm run bench -- assembly`): so little that one thread is done
 * with it before several have agreed who does what, which took up to a tenth of the assembly. V8 looks both flags up whenever
 * it collects (`Heap`, `ScavengerCollector::NumberOfScavengeTasks`), so that they may be set while it runs.
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--no-parallel-scavenge');
}

/**
 * And lets all of the heap grow by half before what is old is looked through, too: a twentieth more CPU time, and a
 * fifth less memory for a long call (`npm run bench -- task`). It is for a program that waits most of its time.
 */
export function keepHeapSmall(): void {
  keepYoungHeapSmall();
  setFlagsFromString('--heap-growing-percent=50');
}
