/** What executions run, of whichever deployment they are: tasks of earlier revisions, functions as they are now. */
import * as v from 'valibot';
import type { Ecs } from '../../standins/ecs.ts';
import type { LambdaStandin } from '../../standins/lambda.ts';
import type { Subnets } from '../endpoint/subnets.ts';

/**
 * An execution goes on with the revision of the task that it began with, and assembles with the function as it is
 * deployed by then.
 */
export interface Programs {
  readonly tasks: Map<string, Ecs>;
  lambda: LambdaStandin | undefined;
}

const taskParameters = v.looseObject({
  TaskDefinition: v.string(),
  NetworkConfiguration: v.looseObject({
    AwsvpcConfiguration: v.looseObject({ Subnets: v.pipe(v.array(v.string()), v.minLength(1)) }),
  }),
});

/** ECS chooses among the subnets: for as long as a task runs, it may be in any of them. */
export function tasksOf({ tasks }: Programs, own: Ecs, subnets: Pick<Subnets, 'enter'>): Ecs {
  return {
    ...own,
    runTask: async (parameters, signal) => {
      const { TaskDefinition, NetworkConfiguration } = v.parse(taskParameters, parameters);
      const leave = subnets.enter(NetworkConfiguration.AwsvpcConfiguration.Subnets);
      try {
        return await (tasks.get(TaskDefinition) ?? own).runTask(parameters, signal);
      } finally {
        leave();
      }
    },
    // Whoever listens outlives the workflow: in which subnet, and for how long, nobody looks.
    beginTask: (parameters, signal) => {
      const { TaskDefinition } = v.parse(taskParameters, parameters);
      return (tasks.get(TaskDefinition) ?? own).beginTask(parameters, signal);
    },
  };
}

export function functionsOf(programs: Programs, own: LambdaStandin): LambdaStandin {
  return { ...own, invoke: (arn, event) => (programs.lambda ?? own).invoke(arn, event) };
}
