/** Facts that an event carries beside what is needed: a call is recorded without one that can't be kept. */
import * as v from 'valibot';

/** Undefined where the value isn't what it should be. */
export function fact<Schema extends v.GenericSchema>(schema: Schema) {
  return v.fallback(v.nullish(schema), undefined);
}

const Values = v.record(v.string(), v.unknown());

/** The names of facts that stand in the event and were left out. */
export function leftOut(event: unknown, facts: Readonly<Record<string, unknown>>): string[] {
  const values = v.safeParse(Values, event);
  if (!values.success) return [];
  const isThere = (value: unknown) => value !== undefined && value !== null;
  return Object.keys(facts).filter((name) => isThere(values.output[name]) && !isThere(facts[name]));
}
