/** Leaves out of a bundle what the AWS SDK brings along and nobody uses. Reading code takes most of a start. */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import * as v from 'valibot';

/**
 * Spells the keys of the SDK's schemas out, where they are computed from constants: only then does esbuild see that a
 * schema which nobody uses can go. Most of a client are schemas: of Connect's 1,500 we use a handful.
 */
const leanSchemas: Plugin = {
  name: 'lean-schemas',
  setup(builder) {
    builder.onLoad(
      { filter: /[\\/]dist-es[\\/](.+[\\/])?schemas[\\/]schemas_\d+\.js$/ },
      async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const constants = new Map<string, string>();
        for (const [, name = '', text = ''] of source.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm))
          constants.set(name, text);
        const contents = source.replace(/\[(_\w+)\]:/g, (key, name: string) => {
          const text = constants.get(name);
          return text === undefined ? key : `${text}:`;
        });
        return { contents, loader: 'js' };
      },
    );
  },
};

const Package = v.object({ name: v.string(), version: v.string() });

/** Clients take their version from their whole package.json. */
const leanPackages: Plugin = {
  name: 'lean-packages',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, async ({ path }) => {
      const known = v.parse(Package, JSON.parse(await readFile(path, 'utf8')));
      return { contents: JSON.stringify(known), loader: 'json' };
    });
  },
};

export const LEAN: Plugin[] = [leanSchemas, leanPackages];
