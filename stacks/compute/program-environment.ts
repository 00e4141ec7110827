/** The environment of each program: every variable it knows (contract/variables.ts), and no other. */

/**
 * @param names of the variables, by what they mean
 * @param values by the same keys; what is undefined stays unset
 */
export function programEnvironment<K extends string>(
  names: Readonly<Record<K, string>>,
  values: Readonly<Record<NoInfer<K>, string | undefined>>,
): Record<string, string> {
  const keys = Object.keys(names).filter((key): key is K => key in names);
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = values[key];
      return value === undefined ? [] : [[names[key], value] as const];
    }),
  );
}
