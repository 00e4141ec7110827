/** Contact events that could not be delivered or handled: kept for two weeks, and an alarm says so. */
import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue/index.js';
import { SqsQueuePolicy } from '@cdktf/provider-aws/lib/sqs-queue-policy/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../../contract/names.ts';
import { arnOf, type Place } from '../config/place.ts';
import { onlyTls, policyDocument } from '../policies/policies.ts';

/** The longest that SQS keeps a message. */
const KEPT_SECONDS = 1_209_600;

export function deadLetters(scope: Construct, names: Names, place: Place): SqsQueue {
  const queue = new SqsQueue(scope, 'dead_letters', {
    name: names.deadLetters,
    messageRetentionSeconds: KEPT_SECONDS,
    sqsManagedSseEnabled: true,
  });
  new SqsQueuePolicy(scope, 'dead_letters_policy', {
    queueUrl: queue.id,
    policy: policyDocument([
      {
        Sid: 'UndeliveredEvents',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: ['sqs:SendMessage'],
        Resource: queue.arn,
        Condition: {
          ArnEquals: { 'aws:SourceArn': arnOf(place, 'events', `rule/${names.contactEventRule}`) },
        },
      },
      onlyTls(['sqs:*'], queue.arn),
    ]),
  });
  return queue;
}
