/**
 * What `task/Dockerfile` says, read from it, so that an image made without a builder is that which a builder makes. An
 * instruction that isn't known here is refused rather than left out.
 */

/** A file of the context, and where it goes: absolute. */
export interface Copy {
  readonly from: string;
  readonly to: string;
  /** Who owns the file, and the folder that is made for it; root where nobody is named. */
  readonly owner?: Owner;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface Recipe {
  /** The image it is built on, unless another is given. */
  readonly base: string;
  readonly workdir: string;
  /** By name; in the Dockerfile's order. */
  readonly env: ReadonlyMap<string, string>;
  readonly copies: readonly Copy[];
  readonly user: string | undefined;
  readonly cmd: readonly string[] | undefined;
  readonly entrypoint: readonly string[] | undefined;
  readonly volumes: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
}

export class DockerfileError extends Error {
  override readonly name = 'DockerfileError';
}

interface Draft {
  args: Map<string, string>;
  base?: string;
  workdir: string;
  env: Map<string, string>;
  copies: Copy[];
  user?: string;
  cmd?: string[];
  entrypoint?: string[];
  volumes: string[];
  labels: Map<string, string>;
}

/** @throws DockerfileError naming the line that can't be read */
export function parseDockerfile(text: string): Recipe {
  const draft: Draft = {
    args: new Map(),
    workdir: '/',
    env: new Map(),
    copies: [],
    volumes: [],
    labels: new Map(),
  };
  for (const line of linesOf(text)) {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    const instruction = INSTRUCTIONS[word.toUpperCase()];
    if (instruction === undefined) throw new DockerfileError(`this isn’t known here: ${line}`);
    if (draft.base === undefined && !['ARG', 'FROM'].includes(word.toUpperCase()))
      throw new DockerfileError(`this stands before FROM: ${line}`);
    instruction(draft, rest);
  }
  const { base, user, cmd, entrypoint, ...others } = draft;
  if (base === undefined) throw new DockerfileError('there is no FROM');
  return { ...others, base, user, cmd, entrypoint };
}

/** Without comments; a line that ends with a backslash goes on in the next. */
function linesOf(text: string): string[] {
  const kept = text.split('\n').filter((line) => !/^\s*#/.test(line));
  return kept
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const INSTRUCTIONS: Readonly<Record<string, (draft: Draft, rest: string) => void>> = {
  ARG: (draft, rest) => {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(rest) ?? [];
    if (name === '') throw new DockerfileError(`ARG needs a default: ${rest}`);
    draft.args.set(name, value);
  },
  FROM: (draft, rest) => {
    if (draft.base !== undefined) throw new DockerfileError('there is more than one FROM');
    draft.base = rest.replaceAll(/\$\{(\w+)\}/g, (all, name: string) => draft.args.get(name) ?? all);
  },
  WORKDIR: (draft, rest) => {
    draft.workdir = absolute(draft, rest);
  },
  ENV: (draft, rest) => {
    for (const [name, value] of pairsOf(rest)) draft.env.set(name, value);
  },
  LABEL: (draft, rest) => {
    for (const [name, value] of pairsOf(rest)) draft.labels.set(name, value);
  },
  COPY: copy,
  USER: (draft, rest) => {
    draft.user = rest;
  },
  CMD: (draft, rest) => {
    draft.cmd = wordsOf(rest);
  },
  ENTRYPOINT: (draft, rest) => {
    draft.entrypoint = wordsOf(rest);
  },
  VOLUME: (draft, rest) => {
    draft.volumes.push(...wordsOf(rest));
  },
};

function copy(draft: Draft, rest: string): void {
  const [, uid, gid, paths = rest] = /^--chown=(\d+):(\d+)\s+(.*)$/.exec(rest) ?? [];
  const owner = uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
  const words = paths.split(/\s+/);
  const to = words.pop() ?? '';
  if (words.length === 0 || words.some((word) => /^-|[*?]|\/$/.test(word)))
    throw new DockerfileError(`COPY takes files by their names: ${rest}`);
  const target = absolute(draft, to);
  if (words.length > 1 && !target.endsWith('/'))
    throw new DockerfileError(`COPY of several files goes into a folder: ${rest}`);
  for (const from of words) {
    const name = from.split('/').at(-1) ?? from;
    draft.copies.push({
      from,
      to: target.endsWith('/') ? `${target}${name}` : target,
      ...(owner && { owner }),
    });
  }
}

function absolute({ workdir }: Draft, path: string): string {
  if (path.startsWith('/')) return path;
  return `${workdir.replace(/\/$/, '')}/${path.replace(/^\.\//, '')}`;
}

/** `NAME=value`, several with spaces between; a value with spaces stands in double quotes. */
function pairsOf(rest: string): [name: string, value: string][] {
  const pairs = [...rest.matchAll(/([\w.-]+)=("(?:[^"\\]|\\.)*"|\S*)(?:\s+|$)/g)];
  if (pairs.map(([all]) => all).join('') !== rest) throw new DockerfileError(`not NAME=value: ${rest}`);
  return pairs.map(([, name = '', value = '']) => [
    name,
    value.startsWith('"') ? String(JSON.parse(value)) : value,
  ]);
}

/** The form of JSON alone: the other one needs a shell, which the image hasn't. */
function wordsOf(rest: string): string[] {
  try {
    const words: unknown = JSON.parse(rest);
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  } catch {
    // Told below.
  }
  throw new DockerfileError(`not a list of words in JSON: ${rest}`);
}
