/**
 * Random tests try the same for every change, so that a change isn't found one day and missed the next; and don't look
 * for the smallest case that fails, which nobody would read.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: 1, endOnFailure: true });
