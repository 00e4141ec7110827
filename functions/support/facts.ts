/** Facts that an event carries beside what is needed: a call is recorded without one that can't be kept. */
import * as v from 'valibot';

/** Undefined where the value isn't what it should be. */
export function fact<Schema extends v.GenericSchema>(schema: Schema) {
  return v.fallback(v.nullish(schema), undefined);
}

const Values = v.pipe(
  v.unknown(),
  // A record may be a list, as far as valibot is concerned.
  v.check((values) => !Array.isArray(values), 'a map'),
  v.record(v.string(), v.unknown()),
);

/** DynamoDB takes no attribute without a name, and would refuse all of an item that has one. */
const isName = (name: string) => name !== '';

/**
 * A map of texts. Values that can only mean one text are taken for it; those that are none are left out alone, with their
 * names, and don't cost the others.
 * @param lengthMax of a value, in characters
 */
export function texts(lengthMax: number) {
  const Text = v.union([
    v.pipe(v.string(), v.maxLength(lengthMax)),
    v.pipe(v.number(), v.finite()),
    v.boolean(),
  ]);
  return v.pipe(
    Values,
    v.transform((values) =>
      Object.fromEntries(
        Object.entries(values).flatMap(([name, value]): [string, string][] =>
          isName(name) && v.is(Text, value) ? [[name, String(value)]] : [],
        ),
      ),
    ),
  );
}

/**
 * The names of facts that stand in the event and were left out, also within facts that were kept: `Queue.ARN`. What a
 * fact's schema doesn't name isn't looked for; of a map that users fill, no more is told than that something is missing,
 * since its names may be anybody's number.
 * @param maps the names of such maps
 */
export function leftOut(event: unknown, facts: unknown, maps: readonly string[] = []): string[] {
  const [values, kept] = [v.safeParse(Values, event), v.safeParse(Values, facts)];
  if (!values.success || !kept.success) return [];
  return Object.entries(kept.output).flatMap(([name, fact]) => {
    const value = values.output[name];
    if (value === undefined || value === null) return [];
    if (fact === undefined) return [name];
    if (maps.includes(name)) return isShorter(fact, value) ? [name] : [];
    return leftOut(value, fact).map((inner) => `${name}.${inner}`);
  });
}

function isShorter(kept: unknown, all: unknown): boolean {
  const number = (map: unknown) => Object.values(v.parse(Values, map)).filter((one) => one !== null).length;
  return number(kept) < number(all);
}
