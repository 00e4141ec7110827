/**
 * What audio passes through is thrown away at once, and lies outside of the heap: V8 sees a small object where megabytes
 * wait, and looks for what can go when there is much of it. A Node.js that doesn't know a flag says so on stderr, and
 * goes on.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * Leaves the collection of a small young generation to one thread: it is done with it before several have agreed who
 * does what, which took up to a tenth of the assembly. V8 looks the flag up whenever it collects
 * (`ScavengerCollector::NumberOfScavengeTasks`), so that it may be set while it runs.
 */
export function collectYoungHeapAlone(): void {
  setFlagsFromString('--no-parallel-scavenge');
}

/**
 * Keeps the young generation at the 1 MiB that it begins with, instead of 16 MiB and more; and lets all of the heap grow
 * by half before what is old is looked through, too: a twentieth more CPU time, and a fifth less memory for a long call
 * (`npm run bench -- task`). It holds on Node 24, too: an hour took 94 MB with both, 112 with the second alone,
 * 111 with the first alone, and 131 with neither; less growth gained nothing. (8 MB of what 24 takes beyond 20 are its
 * own code.) It is for a program that waits most of its time. V8 looks these flags up, too, whenever it collects (`Heap`).
 */
export function keepHeapSmall(): void {
  collectYoungHeapAlone();
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=50');
}
