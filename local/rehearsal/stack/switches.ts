/**
 * What a rehearsal changes in the JSON that the stack is synthesised to, and nothing else: each is a switch that is
 * named in docs/DEPLOYING.md and shown when the rehearsal begins.
 */
import * as v from 'valibot';

export interface Switches {
  /** Terraform's state goes there, and never into the checkout. */
  readonly statePath: string;
  /** Another version of the AWS provider than the one the stack pins: where a mirror has no other. */
  readonly providerVersion?: string | undefined;
  /** The runtime to give to a provider that doesn't know the functions' own yet. */
  readonly runtime?: string | undefined;
  /** S3 asked as `/bucket/key`; loopback has no names for buckets. */
  readonly s3ByPath: boolean;
}

export const SWITCHES_VARIABLE = 'REHEARSAL_SWITCHES';
export const CHECKOUT_VARIABLE = 'REHEARSAL_CHECKOUT';

const schema = v.object({
  statePath: v.string(),
  providerVersion: v.optional(v.string()),
  runtime: v.optional(v.string()),
  s3ByPath: v.boolean(),
});

export function parseSwitches(text: string): Switches {
  return v.parse(v.pipe(v.string(), v.parseJson(), schema), text);
}

const resources = v.record(v.string(), v.record(v.string(), v.looseObject({})));
const synthesised = v.looseObject({
  terraform: v.looseObject({
    backend: v.record(v.string(), v.looseObject({})),
    required_providers: v.looseObject({ aws: v.looseObject({ version: v.string() }) }),
  }),
  provider: v.looseObject({ aws: v.array(v.looseObject({})) }),
  resource: resources,
});
export type Synthesised = v.InferOutput<typeof synthesised>;

/** @param json `cdk.tf.json`, parsed. @throws when it isn't of the form that cdktf writes. */
export function withSwitches(json: unknown, switches: Switches): Synthesised {
  const { terraform, provider, resource, ...rest } = v.parse(synthesised, json);
  const { providerVersion, runtime, s3ByPath, statePath } = switches;
  const { aws } = terraform.required_providers;
  return {
    ...rest,
    terraform: {
      ...terraform,
      backend: { local: { path: statePath } },
      required_providers: {
        ...terraform.required_providers,
        aws: { ...aws, version: providerVersion ?? aws.version },
      },
    },
    provider: {
      ...provider,
      aws: provider.aws.map((block) => ({ ...block, ...(s3ByPath && { s3_use_path_style: true }) })),
    },
    resource:
      runtime === undefined
        ? resource
        : Object.fromEntries(
            Object.entries(resource).map(([type, all]) => [
              type,
              type === 'aws_lambda_function' ? withRuntime(all, runtime) : all,
            ]),
          ),
  };
}

function withRuntime(functions: v.InferOutput<typeof resources>[string], runtime: string) {
  return Object.fromEntries(Object.entries(functions).map(([name, one]) => [name, { ...one, runtime }]));
}

/** Says in words what a rehearsal ran with. */
export function describeSwitches({ providerVersion, runtime, s3ByPath }: Switches): string[] {
  return [
    'Terraform’s state is the rehearsal’s own',
    ...(s3ByPath ? ['S3 is asked by path'] : []),
    ...(providerVersion === undefined ? [] : [`AWS provider ${providerVersion} in place of the pinned one`]),
    ...(runtime === undefined ? [] : [`the functions’ runtime is ${runtime}`]),
  ];
}
