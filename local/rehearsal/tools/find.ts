/** The tools that a rehearsal needs: where they are, which versions, and how to get what is missing. */
import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const MOTO_VERSION = '5.2.1';
const CDKTF_VERSION = '0.21.0';
const CHECKOV_VERSION = '3.3.30';

export interface Tool {
  readonly path: string;
  readonly version: string;
}

export interface Tools {
  readonly terraform: Tool;
  readonly cdktf: Tool;
  readonly moto: Tool;
}

/** Programs that were named on the command line, in place of those on the PATH. */
export type Named = Readonly<Partial<Record<ToolName, string>>>;

/** A rehearsal goes without checkov where there is none. */
type ToolName = keyof Tools | 'checkov';

interface Wanted {
  readonly programs: readonly string[];
  readonly how: string;
  readonly version: (path: string) => Promise<string>;
  /** Another version isn't taken. */
  readonly only?: string;
}

const execute = promisify(execFile);

const TERRAFORM_MIN = [1, 10] as const;

const WANTED: Readonly<Record<ToolName, Wanted>> = {
  terraform: {
    programs: ['terraform', 'tofu'],
    how: 'install Terraform ≥ 1.10 (https://developer.hashicorp.com/terraform/install) or OpenTofu ≥ 1.10 (https://opentofu.org/docs/intro/install), or name it: --terraform FILE',
    version: async (path) => matched(await output(path, ['version']), /v(\d+\.\d+\.\d+\S*)/),
  },
  cdktf: {
    programs: ['cdktf'],
    how: `npm install --global cdktf-cli@${CDKTF_VERSION}, or in a folder of its own, and name it: --cdktf FILE`,
    version: async (path) => matched(await output(path, ['--version']), /(\d+\.\d+\.\d+\S*)/),
  },
  moto: {
    programs: ['moto_server'],
    how: `python3 -m venv moto && moto/bin/pip install 'moto[server]==${MOTO_VERSION}', then name it: --moto moto/bin/moto_server`,
    version: motoVersion,
    only: MOTO_VERSION,
  },
  checkov: {
    programs: ['checkov'],
    how: `python3 -m venv checkov && checkov/bin/pip install checkov==${CHECKOV_VERSION}, then name it: --checkov checkov/bin/checkov`,
    version: async (path) => matched(await output(path, ['--version']), /(\d+\.\d+\.\d+)/),
    // Each version knows other checks.
    only: CHECKOV_VERSION,
  },
};

export interface Missing {
  readonly tool: string;
  readonly why: string;
  readonly how: string;
}

export type Found = { readonly tools: Tools } | { readonly missing: readonly Missing[] };

export async function findTools(named: Named, path: string): Promise<Found> {
  const [terraform, cdktf, moto] = await Promise.all([
    find('terraform', named, path),
    find('cdktf', named, path),
    find('moto', named, path),
  ]);
  if ('version' in terraform && 'version' in cdktf && 'version' in moto) {
    return { tools: { terraform, cdktf, moto } };
  }
  return { missing: [terraform, cdktf, moto].filter((found) => 'why' in found) };
}

export function findCheckov(named: Named, path: string): Promise<Tool | Missing> {
  return find('checkov', named, path);
}

async function find(tool: ToolName, named: Named, path: string): Promise<Tool | Missing> {
  const { programs, how, version, only } = WANTED[tool];
  const given = named[tool];
  const file = given === undefined ? onPath(programs, path) : executable(resolve(given));
  const miss = (why: string): Missing => ({ tool, why, how });
  if (file === undefined) {
    return miss(
      given === undefined ? `no ${programs.join(' or ')} on the PATH` : `${given} is no program that can run`,
    );
  }
  const found = await version(file).catch((error: unknown) => {
    return error instanceof Error ? error : new Error(String(error));
  });
  if (found instanceof Error) return miss(`${file} doesn't tell its version: ${found.message}`);
  if (only !== undefined && found !== only) return miss(`${file} is version ${found}, and ${only} is pinned`);
  if (tool === 'terraform' && !isRecent(found)) return miss(`${file} is version ${found}`);
  return { path: file, version: found };
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > TERRAFORM_MIN[0] || (major === TERRAFORM_MIN[0] && minor >= TERRAFORM_MIN[1]);
}

function onPath(programs: readonly string[], path: string): string | undefined {
  for (const program of programs) {
    for (const folder of path.split(delimiter).filter((part) => isAbsolute(part))) {
      const found = executable(join(folder, program));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function executable(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}

async function output(file: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, CHECKPOINT_DISABLE: '1', DISABLE_VERSION_CHECK: '1', CI: '1' };
  return (await execute(file, args, { env })).stdout;
}

function matched(text: string, pattern: RegExp): string {
  const [, version] = pattern.exec(text) ?? [];
  if (version === undefined) throw new Error(`no version in "${text.trim().slice(0, 100)}"`);
  return version;
}

/** The program itself doesn't tell: the Python that its first line names does, or (of a shim) the PATH's. */
async function motoVersion(file: string): Promise<string> {
  const [, named] = /^#!\s*(\S*python\S*)/.exec(readFileSync(file, 'utf8')) ?? [];
  const python = named ?? 'python3';
  const asked = 'import importlib.metadata as m; print(m.version("moto"))';
  return (await output(python, ['-c', asked])).trim();
}
