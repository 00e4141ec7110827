/** The event bus that is told of what is said, by AWS's client; loaded where somebody is told alone. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { EventBridgeEvents } from '../../ports/events/event-bridge-events.ts';
import { CONTROL_CLIENT } from '../../ports/runtime/aws-client-config.ts';
import { systemClock } from '../../ports/runtime/clock.ts';
import type { Telemetry } from '../../ports/runtime/telemetry.ts';
import type { EventSettings } from './event-settings.ts';
import { SegmentEvents } from './segment-events.ts';

export function segmentEvents({ bus, partials }: EventSettings, telemetry: Telemetry): SegmentEvents {
  const events = new EventBridgeEvents(new EventBridgeClient(CONTROL_CLIENT), bus);
  return new SegmentEvents({ events, partials, clock: systemClock, telemetry });
}
