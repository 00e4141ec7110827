import validateAsl from 'asl-validator';
import { describe, expect, it } from 'vitest';
import { DEPLOYMENTS } from '../deployments.ts';
import { resource, synthesise } from '../synthesise.ts';

describe.each(Object.entries(DEPLOYMENTS).filter(([, settings]) => !('dataOnly' in settings)))(
  'the state machine of a deployment %s',
  (_, settings) => {
    const stack = synthesise(settings);
    stack.dispose();
    const machine = resource(stack, 'aws_sfn_state_machine');

    it('is valid', () => {
      // References are resolved when it is deployed; to ARNs, where ARNs belong.
      const definition: unknown = JSON.parse(
        String(machine.definition).replace(/\$\{[^}]*\}/g, 'arn:aws:x:y:1:z'),
      );
      const { isValid, errorsText } = validateAsl(definition);

      expect(errorsText('\n')).toBe('');
      expect(isValid).toBe(true);
    });

    it('tries Spot first where that was asked for', () => {
      const spot = !('spot' in settings) || settings.spot;

      expect(String(machine.definition).includes('FARGATE_SPOT')).toBe(spot);
    });

    it('is logged and traced, without data', () => {
      expect(machine).toMatchObject({
        type: 'STANDARD',
        logging_configuration: {
          level: 'ERROR',
          include_execution_data: false,
          log_destination: '${aws_cloudwatch_log_group.workflow_log.arn}:*',
        },
        tracing_configuration: { enabled: true },
      });
    });
  },
);
