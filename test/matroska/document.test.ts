import { expect, it } from 'vitest';
import { DocumentBuilder } from '../../matroska/document.ts';
import { ID } from '../../matroska/elements.ts';
import { Repeats } from '../../matroska/repeats.ts';
import { blockPayload, uint, vint } from '../support/matroska.ts';

it('there is a limit on blocks', () => {
  const document = new DocumentBuilder(new Repeats());
  document.beginCluster();
  document.addToCluster(ID.Timestamp, uint(0), 0, 1);
  const block = blockPayload(vint(1, 1), 0, 0, uint(7));
  const add = () => {
    document.addToCluster(ID.SimpleBlock, block, 0, block.length);
  };
  for (let count = 0; count < 100_000; count += 1) add();
  const { blocks } = document.build({ pieces: [], offset: 0, wholeness: 'torn', tornBytes: 0 });
  expect(blocks.length).toBe(100_000);
  expect(add).toThrow('there are too many blocks');
});
