import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the heap's young generation at the 1 MiB that it begins with. What audio passes through is thrown away at
 * once, and lies outside of the heap: V8 sees a small object where megabytes wait, and lets the young generation grow
 * to 16 MiB and more before it looks for what can go. The more often it looks, the less memory stands unused, and
 * since hardly anything survives, that takes no more time. A Node.js that doesn’t know the flag says so on stderr, and goes on.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
