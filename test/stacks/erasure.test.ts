/** What an erasure takes for granted of those who may still write, held against what is deployed. */
import * as v from 'valibot';
import { afterAll, expect, it } from 'vitest';
import { WRITERS_LEAVE_MS } from '../../contract/limits.ts';
import { resource, synthesise } from './synthesise.ts';

const stack = synthesise({});
afterAll(stack.dispose);

it('an erasure waits for longer than a function runs, and than a task that was told to stop', () => {
  const { timeout } = resource(stack, 'aws_lambda_function', 'assemble');
  const definition = resource(stack, 'aws_ecs_task_definition').container_definitions;
  const containers = v.parse(
    v.pipe(v.string(), v.parseJson(), v.tuple([v.object({ stopTimeout: v.number() })])),
    definition,
  );

  expect(WRITERS_LEAVE_MS).toBeGreaterThanOrEqual(Number(timeout) * 1_000 + 60_000);
  expect(WRITERS_LEAVE_MS).toBeGreaterThanOrEqual(containers[0].stopTimeout * 1_000 + 60_000);
});
