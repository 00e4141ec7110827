/** The folder of one deployment that is rehearsed, and the tools run in it. Nothing is written into the checkout. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { delimiter, join } from 'node:path';
import { programEnvironment, REGION } from '../../standins/environment.ts';
import type { Tools } from '../tools/find.ts';
import { type Done, mustRun, run, ToolFailure } from '../tools/process.ts';
import type { Spent } from '../tools/spent.ts';
import { deployerOf, type Kind, kindsOf } from './deployer.ts';
import { type Change, changesIn } from './plan.ts';
import { CHECKOUT_VARIABLE, type Switches, SWITCHES_VARIABLE } from './switches.ts';

/** Settings of the deployment, by their environment variables. */
export type SettingVariables = Readonly<Record<string, string>>;

export interface WorkspaceOptions {
  readonly dir: string;
  /** Whose stack it is. */
  readonly checkout: string;
  readonly tools: Tools;
  /** Where AWS is: one URL for all of it. */
  readonly endpoint: string;
  /** A folder with programs that go before those on the PATH. */
  readonly programs: string;
  readonly switches: Omit<Switches, 'statePath'>;
  readonly signal: AbortSignal;
  readonly log: string;
  readonly spent: Spent;
}

/** What `terraform plan -detailed-exitcode` ends with where the plan isn't empty. */
const SOMETHING_TO_DO = 2;

const STACK = 'callspool';
const TSX = import.meta.resolve('tsx');

/** What of the user's environment Terraform and the CLI need, or would ask the user for again. */
const INHERITED = [
  'HOME',
  'TMPDIR',
  'TF_CLI_CONFIG_FILE',
  'TF_PLUGIN_CACHE_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
];

export class Workspace {
  readonly #options: WorkspaceOptions;
  #checkout: string;
  /** Its provider may be another one, too, than Terraform has locked. */
  #isOther = false;
  #isInitialised = false;
  /** What lies there synthesised; undefined: nothing that is known. */
  #synthesised: string | undefined;
  /** Of what is deployed. */
  #kinds: readonly Kind[] = [];

  constructor(options: WorkspaceOptions) {
    this.#options = options;
    this.#checkout = options.checkout;
    mkdirSync(options.dir, { recursive: true });
    const app = `${process.execPath} --import ${TSX} ${join(import.meta.dirname, 'app.ts')}`;
    const project = { language: 'typescript', app, projectId: 'callspool', sendCrashReports: 'false' };
    writeFileSync(join(options.dir, 'cdktf.json'), JSON.stringify({ ...project, context: {} }));
  }

  /** What is deployed now, in a folder of its own: to be planned from, whatever is deployed meanwhile. */
  aside(dir: string): Workspace {
    const other = new Workspace({ ...this.#options, dir, checkout: this.#checkout });
    copyFileSync(this.statePath, other.statePath);
    other.#kinds = this.#kinds;
    return other;
  }

  /** Another version of the stack from now on, on the same state. */
  switchTo(checkout: string): void {
    this.#checkout = checkout;
    this.#isOther = true;
  }

  /** Not `terraform.tfstate`, at which the cdktf CLI stops. */
  get statePath(): string {
    return join(this.#options.dir, 'terraform.rehearsal.tfstate');
  }

  /** Where Terraform runs. */
  get stackDir(): string {
    return join(this.#options.dir, 'cdktf.out/stacks', STACK);
  }

  /** Deploys by the cdktf CLI. @throws ToolFailure */
  async deploy(settings: SettingVariables, onLine?: (line: string) => void): Promise<Done> {
    const done = await this.#cdktf(['deploy', ...APPROVED], settings, onLine);
    if (done.code === 0) this.#kinds = kindsOf(settings);
    if (done.code !== 0) throw failureOf('cdktf deploy', done, this.#options.log);
    return done;
  }

  /** Destroys by the cdktf CLI; it may be refused. */
  destroy(settings: SettingVariables): Promise<Done> {
    return this.#cdktf(['destroy', ...APPROVED], settings);
  }

  /** The stack in JSON, so that Terraform can be asked; where it is there already, it stays. @throws ToolFailure */
  async synthesise(settings: SettingVariables): Promise<void> {
    const { dir, spent } = this.#options;
    if (this.#synthesised === this.#wanted(settings)) return;
    this.#synthesised = undefined;
    await spent.on('synth', () =>
      mustRun({
        ...this.#base(settings),
        command: process.execPath,
        args: ['--import', TSX, join(import.meta.dirname, 'app.ts')],
        env: { ...this.#environment(settings), CDKTF_OUTDIR: join(dir, 'cdktf.out') },
      }),
    );
    this.#synthesised = this.#wanted(settings);
  }

  /** All that a synth goes by. */
  #wanted(settings: SettingVariables): string {
    return JSON.stringify([this.#checkout, settings]);
  }

  /** Once is enough, as long as the stack's provider and state stay where they are. */
  async init(): Promise<void> {
    if (this.#isInitialised && !this.#isOther) return;
    await this.#mustTerraform(['init', '-input=false', '-no-color', ...(this.#isOther ? ['-upgrade'] : [])]);
    this.#isOther = false;
    this.#isInitialised = true;
  }

  /** @throws ToolFailure */
  async validate(): Promise<void> {
    await this.#mustTerraform(['validate', '-no-color']);
  }

  /**
   * What a deploy with these settings would do.
   * @param refresh whether what was made is read back first
   */
  async plan(settings: SettingVariables, refresh: boolean): Promise<Change[]> {
    const isEmpty = await this.#makePlan(settings, refresh);
    return isEmpty ? [] : changesIn(JSON.parse(await this.#shownPlan()));
  }

  /** The same, as `terraform show -json` tells it. */
  async planText(settings: SettingVariables, refresh: boolean): Promise<string> {
    await this.#makePlan(settings, refresh);
    return this.#shownPlan();
  }

  get #planFile(): string {
    return join(this.#options.dir, 'plan');
  }

  /** @returns whether there is nothing to do at all, outputs included. @throws ToolFailure */
  async #makePlan(settings: SettingVariables, refresh: boolean): Promise<boolean> {
    await this.synthesise(settings);
    await this.init();
    const how = refresh ? [] : ['-refresh=false'];
    const args = [
      'plan',
      '-input=false',
      '-no-color',
      '-detailed-exitcode',
      ...how,
      `-out=${this.#planFile}`,
    ];
    const done = await this.#terraform(args, settings);
    if (done.code === 0 || done.code === SOMETHING_TO_DO) return done.code === 0;
    throw failureOf('terraform plan', done, this.#options.log);
  }

  async #shownPlan(): Promise<string> {
    return (await this.#mustTerraform(['show', '-json', this.#planFile])).stdout;
  }

  /** What Terraform says of destroying it all; nothing is done. */
  planDestroy(): Promise<Done> {
    const { terraform } = this.#options.tools;
    const args = ['plan', '-destroy', '-input=false', '-no-color', '-refresh=false'];
    return run({ ...this.#base({}), command: terraform.path, args, cwd: this.stackDir });
  }

  #terraform(args: readonly string[], settings: SettingVariables = {}): Promise<Done> {
    const { spent, tools } = this.#options;
    const command = tools.terraform.path;
    return spent.on(`terraform ${args[0] ?? ''}`, () =>
      run({ ...this.#base(settings), command, args, cwd: this.stackDir }),
    );
  }

  async #mustTerraform(args: readonly string[]): Promise<Done> {
    const done = await this.#terraform(args);
    if (done.code !== 0) throw failureOf(`terraform ${args.join(' ')}`, done, this.#options.log);
    return done;
  }

  async #cdktf(
    args: readonly string[],
    settings: SettingVariables,
    onLine?: (line: string) => void,
  ): Promise<Done> {
    const { spent, tools } = this.#options;
    const command = tools.cdktf.path;
    this.#synthesised = undefined;
    const done = await spent.on(`cdktf ${args[0] ?? ''}`, () =>
      run({ ...this.#base(settings), command, args, onLine }),
    );
    // It synthesises first, into the same folder.
    if (done.code === 0) this.#synthesised = this.#wanted(settings);
    return done;
  }

  #base(settings: SettingVariables) {
    const { dir, log, signal } = this.#options;
    return { cwd: dir, env: this.#environment(settings), log, signal };
  }

  #environment(settings: SettingVariables): Record<string, string> {
    const { endpoint, programs, switches, tools } = this.#options;
    const inherited = INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const ours: Switches = { ...switches, statePath: this.statePath };
    return {
      ...Object.fromEntries(inherited),
      ...awsEnvironment(endpoint, deployerOf([...this.#kinds, ...kindsOf(settings)])),
      PATH: [programs, process.env.PATH ?? ''].join(delimiter),
      TERRAFORM_BINARY_NAME: tools.terraform.path,
      CHECKPOINT_DISABLE: '1',
      DISABLE_VERSION_CHECK: '1',
      CI: '1',
      FORCE_COLOR: '0',
      [CHECKOUT_VARIABLE]: this.#checkout,
      [SWITCHES_VARIABLE]: JSON.stringify(ours),
      ...settings,
    };
  }
}

/** `--skip-provider-lock`: the lock of providers would be asked of the registry, which a mirror needn't have. */
const APPROVED = [STACK, '--auto-approve', '--skip-provider-lock'];

function failureOf(what: string, { code, tail }: Done, log: string): ToolFailure {
  return new ToolFailure(`${what} ended with ${code}; all of it is in ${log}\n${tail}`);
}

/** What a program needs to ask AWS at this endpoint, as somebody whom its record knows apart. */
export function awsEnvironment(endpoint: string, who: string): Record<string, string> {
  return {
    ...programEnvironment({}, {}),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: who,
    AWS_SECRET_ACCESS_KEY: 'rehearsal',
    AWS_DEFAULT_REGION: REGION,
    AWS_CONFIG_FILE: devNull,
  };
}
