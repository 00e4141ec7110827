import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { differences, isExpected } from './compare.ts';
import { stepsIn } from './steps.ts';

const stack = (version: string, source: string, rest: object = {}) => ({
  '//': { metadata: { version: '0.0.0' } },
  terraform: { required_providers: { aws: { version, source } } },
  ...rest,
});

describe('two stacks', () => {
  it('are the same, or differ where it is told', () => {
    const before = { list: [1, { a: 'x' }], gone: true, same: { deep: [null] } };
    const after = { list: [1, { a: 'y' }, 2], new: [], same: { deep: [null] } };
    expect(differences(before, before)).toEqual([]);
    expect(differences(before, after)).toEqual([
      { path: '/list/1/a', before: 'x', after: 'y' },
      { path: '/list/2', before: undefined, after: 2 },
      { path: '/gone', before: true, after: undefined },
      { path: '/new', before: undefined, after: [] },
    ]);
    expect(differences({ a: [] }, { a: {} })).toHaveLength(1);
    expect(differences({ 'a/b~': 1 }, { 'a/b~': 2 })).toMatchObject([{ path: '/a~1b~0' }]);
  });

  it('may be of different tools and providers, and differ in nothing else', () => {
    const unexpected = (after: object) =>
      differences(stack('6.25.0', 'aws'), after).filter((difference) => !isExpected(difference));
    expect(unexpected(stack('6.100.0', 'hashicorp/aws'))).toEqual([]);
    expect(unexpected(stack('6.9.0', 'hashicorp/aws'))).toHaveLength(1);
    expect(unexpected(stack('6.66.0', 'somebody/aws'))).toHaveLength(1);
    expect(unexpected(stack('6.66.0', 'hashicorp/aws', { resource: {} }))).toHaveLength(1);
  });
});

describe('the steps', () => {
  it('are those of DEPLOYING', () => {
    const steps = stepsIn(readFileSync(join(import.meta.dirname, '../../docs/DEPLOYING.md'), 'utf8'));
    expect(steps).toMatch(/^npm uninstall cdktf .*\nnpm install -D cdktn@.*\ngrep .*\n$/);
  });

  it('are missed where there are none', () => {
    expect(() => stepsIn('## Why not\n```sh\nls\n```\n')).toThrow('DEPLOYING has no');
    const heading = '## Why cdktf 0.21, and what comes after it\n';
    expect(() => stepsIn(`${heading}\n## Next\n\`\`\`sh\nls\n\`\`\`\n`)).toThrow('no commands');
  });
});
