/** The sink that the settings ask for. */
import { randomUUID } from 'node:crypto';
import type { Calls } from '../../../ports/calls/calls.ts';
import type { Clock } from '../../../ports/runtime/clock.ts';
import type { Telemetry } from '../../../ports/runtime/telemetry.ts';
import type { Secret } from '../../../ports/secrets/secret.ts';
import { AudioHook } from './audiohook/audiohook.ts';
import { CallFactsReader } from './server/call-facts.ts';
import { KeptCredentials } from './server/credentials.ts';
import type { WebSocketSettings } from './settings.ts';
import { Twilio } from './twilio/twilio.ts';
import { WebSocketSink } from './websocket-sink.ts';

export interface WebSocketPorts {
  readonly secret: Secret | undefined;
  readonly calls: Pick<Calls, 'get'> | undefined;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'info' | 'warn' | 'error'>;
  /** UUIDs, for sessions and nonces. */
  readonly unique?: () => string;
}

/** @returns what opens a sink, again and again: all of one call, and with one secret as it was last read */
export function webSocketOpener(settings: WebSocketSettings, ports: WebSocketPorts): () => WebSocketSink {
  const { url, organizationId, format, language, behindMs, keep } = settings;
  const { clock, telemetry, unique = randomUUID } = ports;
  const dialect =
    settings.dialect === 'audiohook'
      ? new AudioHook({ clock, organizationId, format, language, unique })
      : new Twilio({ clock, organizationId, unique });
  const credentials = new KeptCredentials(ports.secret);
  const facts = new CallFactsReader(ports.calls, keep, clock, telemetry);
  return () => new WebSocketSink({ url, dialect, credentials, facts, clock, telemetry, behindMs });
}
