/** The sink `websocket` with AWS’s clients; loaded where it is asked for alone. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { TableCalls } from '../ports/calls/table-calls.ts';
import { CONTROL_CLIENT } from '../ports/runtime/aws-client-config.ts';
import { systemClock } from '../ports/runtime/clock.ts';
import type { Telemetry } from '../ports/runtime/telemetry.ts';
import { FileSecret } from '../ports/secrets/file-secret.ts';
import { fixedSecret, type Secret } from '../ports/secrets/secret.ts';
import { SecretsManagerSecret } from '../ports/secrets/secrets-manager-secret.ts';
import { callsIn } from '../ports/table/dynamodb-table.ts';
import { webSocketOpener } from './sinks/websocket/open.ts';
import type { SecretSource, WebSocketSettings } from './sinks/websocket/settings.ts';
import type { WebSocketSink } from './sinks/websocket/websocket-sink.ts';

export function webSocketOpenerOf(settings: WebSocketSettings, telemetry: Telemetry): () => WebSocketSink {
  const { secret, callsTable } = settings;
  return webSocketOpener(settings, {
    secret: secret && secretFrom(secret),
    calls:
      callsTable === undefined
        ? undefined
        : new TableCalls(callsIn(new DynamoDBClient(CONTROL_CLIENT), callsTable)),
    clock: systemClock,
    telemetry,
  });
}

function secretFrom(source: SecretSource): Secret {
  switch (source.from) {
    case 'secrets-manager':
      return new SecretsManagerSecret(
        new SecretsManagerClient({ ...CONTROL_CLIENT, region: source.region }),
        source.arn,
      );
    case 'file':
      return new FileSecret(source.path);
    case 'value':
      return fixedSecret(source.value);
  }
}
