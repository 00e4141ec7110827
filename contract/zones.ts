/** Zones without Fargate (Amazon ECS developer guide, "Supported Regions for Amazon ECS on AWS Fargate"), by their ids. */
export const ZONES_WITHOUT_FARGATE: readonly string[] = ['apne1-az3', 'usw1-az2'];
