import * as v from 'valibot';

/** A number that an option may be, as yargs has parsed it. */
export function numberFrom(min: number, max: number, kind: 'whole' | 'any' = 'any') {
  return v.custom<number>(
    (value) =>
      typeof value === 'number' &&
      value >= min &&
      value <= max &&
      (kind === 'any' || Number.isInteger(value)),
    `give a ${kind === 'whole' ? 'whole ' : ''}number from ${min} to ${max}`,
  );
}
