import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DockerfileError, parseDockerfile } from '../../../local/image/dockerfile.ts';

const OURS = readFileSync(join(import.meta.dirname, '../../../task/Dockerfile'), 'utf8');

describe('task/Dockerfile', () => {
  it('can be read, whatever it comes to say: what isn’t known is refused', () => {
    expect(parseDockerfile(OURS)).toMatchObject({
      workdir: '/app',
      user: '65532:65532',
      cmd: ['/app/index.mjs'],
      entrypoint: undefined,
      copies: [
        { from: 'task/index.mjs', to: '/app/index.mjs' },
        { from: 'task/THIRD-PARTY-NOTICES.txt', to: '/app/THIRD-PARTY-NOTICES.txt' },
        { from: 'live/index.mjs', to: '/app/live/index.mjs' },
        { from: 'live/THIRD-PARTY-NOTICES.txt', to: '/app/live/THIRD-PARTY-NOTICES.txt' },
        {
          from: 'run/callspool/.keep',
          to: '/run/callspool/.keep',
          owner: { uid: 65532, gid: 65532 },
        },
      ],
    });
  });
});

describe('a Dockerfile', () => {
  it('has environment, labels, volumes and an entry point', () => {
    const recipe = parseDockerfile(
      'FROM base\nENV A=1 B="two words"\nLABEL of.whom=us\nVOLUME ["/data"]\nENTRYPOINT ["/run", \\\n  "it"]\n',
    );
    expect([...recipe.env]).toEqual([
      ['A', '1'],
      ['B', 'two words'],
    ]);
    expect([...recipe.labels]).toEqual([['of.whom', 'us']]);
    expect(recipe).toMatchObject({ volumes: ['/data'], entrypoint: ['/run', 'it'], workdir: '/' });
  });

  it.each([
    ['RUN ls', 'FROM a\nRUN ls'],
    ['no FROM', 'ARG A=b'],
    ['two stages', 'FROM a\nFROM b'],
    ['before FROM', 'USER 1\nFROM a'],
    ['a shell', 'FROM a\nCMD node index.mjs'],
    ['a pattern', 'FROM a\nCOPY *.mjs ./'],
    ['an option', 'FROM a\nCOPY --chmod=1 a ./'],
    ['an owner by name', 'FROM a\nCOPY --chown=somebody a ./'],
    ['a folder', 'FROM a\nCOPY a/ ./'],
    ['several into a file', 'FROM a\nCOPY a b c'],
    ['no value', 'FROM a\nENV A'],
  ])('is refused: %s', (_, text) => {
    expect(() => parseDockerfile(text)).toThrow(DockerfileError);
  });
});
