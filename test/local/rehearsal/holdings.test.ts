import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdingsOf } from '../../../local/rehearsal/tools/holdings.ts';
import { endpointOf } from '../../../local/standins/standin.ts';

describe('what moto holds of a deployment', () => {
  let answer: { readonly status: number; readonly to: (asked: string) => string };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const target = String(request.headers['x-amz-target'] ?? '');
      response.writeHead(answer.status).end(answer.to(`${target} ${body} ${request.url ?? ''}`));
    });
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
  });

  it('is every name with its prefix, in JSON and in XML, each once', async () => {
    answer = {
      status: 200,
      to: (asked) => {
        if (asked.includes('ListTables')) return '{"TableNames":["callspool-calls","others"]}';
        return asked.includes('ListRoles') ? '<RoleName>callspool-task</RoleName><Path>/</Path>' : '{}';
      },
    };

    expect(await holdingsOf(endpointOf(server), 'callspool', 'us-east-1')).toEqual([
      'dynamodb callspool-calls',
      'iam callspool-task',
    ]);
  });

  it('is no cluster that was deleted, which is listed still', async () => {
    const arn = 'arn:aws:ecs:us-east-1:123456789012:cluster/callspool';
    for (const status of ['ACTIVE', 'INACTIVE']) {
      answer = {
        status: 200,
        to: (asked) => {
          if (asked.includes('DescribeClusters')) return JSON.stringify({ clusters: [{ status }] });
          return asked.includes('ListClusters') ? JSON.stringify({ clusterArns: [arn] }) : '{}';
        },
      };
      const held = await holdingsOf(endpointOf(server), 'callspool', 'us-east-1');
      expect(held).toEqual(status === 'ACTIVE' ? [`ecs ${arn}`] : []);
    }
  });

  it('isn’t nothing because moto can’t tell', async () => {
    answer = { status: 500, to: () => '<!doctype html>' };

    await expect(holdingsOf(endpointOf(server), 'callspool', 'us-east-1')).rejects.toThrow('HTTP 500');
  });
});
