/** CloudWatch metrics, as the alarms and the dashboard name them. */
import { DEFAULT_METRICS_NAMESPACE, METRIC_DIMENSION, type MetricName } from '../../contract/metrics.ts';

export type Statistic = 'Sum' | 'Maximum' | 'Average' | 'SampleCount' | 'p99';

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: Statistic;
}

/** One that the programs publish. */
export function ownMetric(prefix: string, { name }: MetricName, statistic: Statistic = 'Sum'): Metric {
  return {
    namespace: DEFAULT_METRICS_NAMESPACE,
    name,
    dimensions: { [METRIC_DIMENSION]: prefix },
    statistic,
  };
}

export function workflowMetric(stateMachineArn: string, name: string, statistic: Statistic = 'Sum'): Metric {
  return { namespace: 'AWS/States', name, dimensions: { StateMachineArn: stateMachineArn }, statistic };
}

export function functionMetric(functionName: string, name: string, statistic: Statistic = 'Sum'): Metric {
  return { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: functionName }, statistic };
}

export function queueMetric(queueName: string, name: string, statistic: Statistic = 'Maximum'): Metric {
  return { namespace: 'AWS/SQS', name, dimensions: { QueueName: queueName }, statistic };
}

export function tableMetric(tableName: string, name: string, statistic: Statistic = 'Sum'): Metric {
  return { namespace: 'AWS/DynamoDB', name, dimensions: { TableName: tableName }, statistic };
}

export function ruleMetric(ruleName: string, name: string): Metric {
  return { namespace: 'AWS/Events', name, dimensions: { RuleName: ruleName }, statistic: 'Sum' };
}

/** vCPUs of Fargate in use by the whole account (ECS developer guide, "Fargate usage metrics"). */
export function fargateMetric(kind: 'OnDemand' | 'Spot'): Metric {
  return {
    namespace: 'AWS/Usage',
    name: 'ResourceCount',
    dimensions: { Service: 'Fargate', Type: 'Resource', Resource: 'vCPU', Class: `Standard/${kind}` },
    statistic: 'Maximum',
  };
}
