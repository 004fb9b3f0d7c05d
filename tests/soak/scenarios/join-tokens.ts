import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openClusterRoom } from '../../support/cluster-room.ts';
import type { Scenario } from '../scenario.ts';

const USES = 100;

/** Each token is used by a hundred at once over HTTP, then once more. */
export const joinTokens: Scenario = {
  row: 'T6',
  title: 'of a hundred uses of a join token at the same time exactly one succeeds',
  unit: 'tokens',
  fullSize: 100,
  async run({ size, isOver, say }) {
    const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-tokens-'));
    const room = await openClusterRoom(folder);
    const misses: string[] = [];
    let done = 0;
    const use = async (joinToken: string): Promise<number> => {
      const body = JSON.stringify({ joinToken, agentVersion: '1', instanceId: 'i' });
      const response = await fetch(`${room.url}/api/v1/client/enrol`, { method: 'POST', body });
      await response.arrayBuffer();
      return response.status;
    };
    try {
      for (; done < size && !isOver(); done++) {
        const { token } = await room.clusters.createJoinToken(`c${done}`);
        const answers = await Promise.all(Array.from({ length: USES }, () => use(token)));
        const successes = answers.filter(status => status === 200).length;
        if (successes !== 1) misses.push(`${successes} of ${USES} uses of one token succeeded.`);
        if ((await use(token)) === 200) misses.push('A used token was taken once more.');
        if ((await use(`${token.slice(0, -1)}_`)) === 200) misses.push('A wrong token was taken.');
        say(`${done + 1} tokens`);
      }
      return { done, figures: { uses: done * (USES + 2) }, misses };
    } finally {
      await room.close();
      rmSync(folder, { recursive: true });
    }
  },
};
