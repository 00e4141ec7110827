/**
 * What AWS does to what it is given, and moto doesn't: without it, what never comes to rest in an account would
 * look settled here. Each is a pure change of a request or an answer.
 */
import * as v from 'valibot';

const object = v.record(v.string(), v.unknown());
const objects = v.array(object);

/**
 * IAM keeps a description's characters beyond Latin-1 as something else (CreatePolicy, API reference, names the
 * pattern that it keeps).
 * @param form the request's body
 */
export function keptByIam(form: string): string {
  const fields = new URLSearchParams(form);
  const description = fields.get('Description');
  if (description !== null) fields.set('Description', description.replace(/[^\t\n\r -~¡-ÿ]/g, '?'));
  return fields.toString();
}

/** Empty lists and zeros that ECS adds to a container's definition. */
const FILLED_IN = {
  cpu: 0,
  environment: [],
  mountPoints: [],
  portMappings: [],
  systemControls: [],
  volumesFrom: [],
};

/** A task definition's containers as ECS gives them back, filled up. */
export function filledByEcs(answer: unknown): unknown {
  const { success, output } = v.safeParse(v.looseObject({ taskDefinition: object }), answer);
  if (!success) return answer;
  const containers = v.parse(v.optional(objects, []), output.taskDefinition.containerDefinitions);
  const containerDefinitions = containers.map((container) => {
    const linux = v.safeParse(object, container.linuxParameters);
    return {
      ...FILLED_IN,
      ...container,
      ...(linux.success && { linuxParameters: withCapabilities(linux.output) }),
    };
  });
  return { ...output, taskDefinition: { ...output.taskDefinition, containerDefinitions } };
}

function withCapabilities(linux: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const capabilities = v.safeParse(object, linux.capabilities);
  return capabilities.success
    ? { ...linux, capabilities: { add: [], drop: [], ...capabilities.output } }
    : linux;
}

/** What functions were told that moto doesn't keep, or only when they are made, by the function's name. */
export type FunctionSettings = Map<string, Readonly<Record<string, unknown>>>;

const functionRequest = v.looseObject({
  FunctionName: v.optional(v.string()),
  LoggingConfig: v.optional(object),
  TracingConfig: v.optional(object),
});

/** @param name where the path has it: the function is there already */
export function noteFunction(settings: FunctionSettings, body: unknown, name: string | undefined): void {
  const { success, output } = v.safeParse(functionRequest, body);
  const functionName = name ?? (success ? output.FunctionName : undefined);
  if (!success || functionName === undefined) return;
  const { LoggingConfig, TracingConfig } = output;
  settings.set(functionName, {
    ...(name !== undefined && settings.get(name)),
    ...(LoggingConfig && { LoggingConfig }),
    ...(TracingConfig && { TracingConfig }),
  });
}

/** Puts them into an answer to GetFunction, or into a function's configuration alone. */
export function withFunctionSettings(settings: FunctionSettings, answer: unknown): unknown {
  const whole = v.safeParse(v.looseObject({ Configuration: object }), answer);
  if (whole.success) {
    const { Configuration } = whole.output;
    return { ...whole.output, Configuration: withFunctionSettings(settings, Configuration) };
  }
  const { success, output } = v.safeParse(v.looseObject({ FunctionName: v.string() }), answer);
  return success ? { ...output, ...settings.get(output.FunctionName) } : answer;
}
