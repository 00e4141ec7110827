import { describe, expect, it } from 'vitest';
import { ASSEMBLE_METRICS } from '../../../contract/metrics.ts';
import { assembleRecording } from '../../../functions/assemble/assemble.ts';
import type { AssemblyPorts } from '../../../functions/assemble/assembly-ports.ts';
import { recordingId } from '../../../recording/identity.ts';
import { RECORDING } from '../../support/call.ts';
import { RecordingWorld } from '../../support/recording-world.ts';
import { RecordedTelemetry } from '../../support/telemetry.ts';

const FIRST = { ...RECORDING, contactId: '77777777-31c7-4a3e-9a63-8f5c7d21e0ab' };

/** A transferred contact, in a session whose fragments all carry the first contact's name. */
async function transferred(): Promise<RecordingWorld> {
  const world = new RecordingWorld();
  world.talk(0, 25, { contactId: FIRST.contactId });
  await world.calls.create({
    ...world.newCall,
    previousContactId: FIRST.contactId,
    sharesStreamWith: recordingId(FIRST),
  });
  await world.hangUpAt(25);
  await world.record();
  return world;
}

describe('assembleRecording, of a transferred contact in the first one’s session', () => {
  it('says whose the audio is, and where', async () => {
    const world = await transferred();
    const { call, json } = await world.assemble();

    expect(call).toMatchObject({ status: 'EMPTY', losses: [] });
    expect(call?.why).toContain(recordingId(FIRST));
    expect(json).toMatchObject({ status: 'EMPTY', why: call?.why });
  });

  it('wakes nobody', async () => {
    const world = await transferred();
    const telemetry = new RecordedTelemetry();
    const ports: AssemblyPorts = { ...world.assemblyPorts, telemetry };
    await world.finish(assembleRecording(ports, world.assembleInput));

    expect(telemetry.metrics.at(-1)).toMatchObject({
      [ASSEMBLE_METRICS.empty.name]: 0,
      [ASSEMBLE_METRICS.failed.name]: 0,
    });
  });
});
