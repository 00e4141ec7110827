/** What a workflow names, for those who play one in which nothing is behind the names. */
import type { WorkflowOptions } from '../../contract/record-states.ts';

export const WORKFLOW_RESOURCES = {
  clusterArn: 'cluster',
  taskDefinitionArn: 'task',
  containerName: 'recorder',
  subnetIds: [],
  securityGroupIds: [],
  assignPublicIp: false,
  assembleFunctionArn: 'assemble',
  callsTableName: 'calls',
} as const satisfies Partial<WorkflowOptions>;
