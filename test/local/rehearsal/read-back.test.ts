/** What moto doesn't keep of a function is given back as AWS gives it. */
import { expect, it } from 'vitest';
import {
  type FunctionSettings,
  noteFunction,
  withFunctionSettings,
} from '../../../local/rehearsal/endpoint/read-back.ts';

const LoggingConfig = { LogFormat: 'JSON', LogGroup: '/aws/lambda/one' };
const TracingConfig = { Mode: 'Active' };
/** moto's answer. */
const kept = { FunctionName: 'one', TracingConfig: { Mode: 'PassThrough' } };

it('keeps what a function was told when it was made, and changed, of logs and traces', () => {
  const settings: FunctionSettings = new Map();
  noteFunction(settings, { FunctionName: 'one', LoggingConfig }, undefined);
  expect(withFunctionSettings(settings, kept)).toEqual({ ...kept, LoggingConfig });

  noteFunction(settings, { TracingConfig }, 'one');
  noteFunction(settings, {}, 'one');

  const whole = { ...kept, LoggingConfig, TracingConfig };
  expect(withFunctionSettings(settings, kept)).toEqual(whole);
  expect(withFunctionSettings(settings, { Configuration: kept, Tags: {} })).toEqual({
    Configuration: whole,
    Tags: {},
  });
  expect(withFunctionSettings(settings, { ...kept, FunctionName: 'two' })).toEqual({
    ...kept,
    FunctionName: 'two',
  });
});

it('forgets what one of that name was told before it was deleted', () => {
  const settings: FunctionSettings = new Map();
  noteFunction(settings, { FunctionName: 'one', TracingConfig, LoggingConfig }, undefined);

  noteFunction(settings, { FunctionName: 'one' }, undefined);

  expect(withFunctionSettings(settings, kept)).toEqual(kept);
});
