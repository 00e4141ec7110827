/** The containers of a task definition, as it was synthesised. */
import * as v from 'valibot';
import { resource, type Synthesised } from '../synthesise.ts';

const Containers = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(
    v.looseObject({
      name: v.string(),
      image: v.string(),
      essential: v.boolean(),
      cpu: v.number(),
      memory: v.optional(v.number()),
      environment: v.array(v.object({ name: v.string(), value: v.string() })),
      mountPoints: v.array(
        v.object({ containerPath: v.string(), readOnly: v.boolean(), sourceVolume: v.string() }),
      ),
      dependsOn: v.optional(v.array(v.unknown())),
    }),
  ),
);
export type Containers = v.InferOutput<typeof Containers>;

/** @param id of the task definition within the stack */
export function containersIn(stack: Synthesised, id: string): Containers {
  return v.parse(Containers, resource(stack, 'aws_ecs_task_definition', id).container_definitions);
}
