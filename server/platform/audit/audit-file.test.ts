import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChainCheck, type ChainedEntry, hashOfEntry } from './audit-chain.ts';
import { auditFile, readAuditFile } from './audit-file.ts';

/** What people write, with all that trips a format of lines or a spreadsheet. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc
    .array(
      fc.constantFrom('"', ',', '\n', '\r', '\r\n', '\u2028', "'", '=', '-', '@', ' ', 'ä', '{', '\\', '\t'),
      {
        maxLength: 8,
      },
    )
    .map(parts => parts.join('')),
);
const chain = fc
  .array(fc.record({ actor: text, action: text, subject: text, detail: fc.jsonValue(), at: fc.nat(4e12) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map(records => {
    const entries: ChainedEntry[] = [];
    for (const { detail, ...record } of records) {
      const previous = entries.at(-1)?.hash ?? '';
      const entry = { ...record, seq: entries.length + 1, detail: JSON.stringify(detail), previous };
      entries.push({ ...entry, hash: hashOfEntry(entry) });
    }
    return entries;
  });

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
/** In small pieces, so that breaks fall everywhere. */
const asStream = (whole: string, size: number) => {
  const bytes = Buffer.from(whole);
  const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
  return Readable.from(parts, { objectMode: false });
};
async function written(kind: 'audit.csv' | 'audit.jsonl', entries: readonly ChainedEntry[]): Promise<string> {
  let whole = '';
  for await (const piece of auditFile(kind, each(entries))) whole += piece;
  return whole;
}
async function read(whole: string, size = 7): Promise<ChainedEntry[]> {
  const entries: ChainedEntry[] = [];
  for await (const entry of readAuditFile(asStream(whole, size), 'a file')) entries.push(entry);
  return entries;
}

describe.each(['audit.jsonl', 'audit.csv'] as const)('%s', kind => {
  it('is read as it was written, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(chain, fc.integer({ min: 1, max: 40 }), async (entries, size) => {
        expect(await read(await written(kind, entries), size)).toEqual(entries);
      }),
      { numRuns: 150 },
    );
  });

  it('with a line that is none names it', async () => {
    const entry = { seq: 1, at: 0, actor: 'a', action: 'b', subject: 'c', detail: 'null', previous: '' };
    const whole = await written(kind, [{ ...entry, hash: hashOfEntry(entry) }]);
    await expect(read(`${whole}half a line`)).rejects.toThrow(/Line \d of a file is no entry/);
  });
});

it('a text that a spreadsheet would take for a formula is marked in CSV', async () => {
  const entry = { seq: 1, at: 0, actor: '=1+1', action: 'b', subject: '-x', detail: 'null', previous: '' };
  expect(await written('audit.csv', [{ ...entry, hash: 'h' }])).toContain(",'=1+1,b,'-x,null,,h\r\n");
});

describe('a chain', () => {
  const firstBroken = (entries: readonly ChainedEntry[], isWhole: boolean) => {
    const check = new ChainCheck(isWhole);
    for (const entry of entries) {
      const broken = check.take(entry);
      if (broken) return broken;
    }
    return undefined;
  };

  it('holds as it was written, whole and in parts', () => {
    fc.assert(
      fc.property(chain, fc.func(fc.boolean()), (entries, keep) => {
        expect(firstBroken(entries, true)).toBeUndefined();
        expect(
          firstBroken(
            entries.filter(({ seq }) => keep(seq)),
            false,
          ),
        ).toBeUndefined();
      }),
    );
  });

  it('names the entry that was altered', () => {
    fc.assert(
      fc.property(chain, fc.nat(), fc.constantFrom('actor', 'subject', 'detail'), (entries, nat, field) => {
        const index = nat % entries.length;
        const altered = entries.map((entry, at) =>
          at === index ? { ...entry, [field]: `${entry[field]}x` } : entry,
        );
        expect(firstBroken(altered, false)?.seq).toBe(index + 1);
      }),
    );
  });

  it('names the entry after one that was altered with its hash', () => {
    fc.assert(
      fc.property(
        chain.filter(({ length }) => length > 1),
        entries => {
          const [first, ...rest] = entries as [ChainedEntry, ...ChainedEntry[]];
          const forged = { ...first, actor: `${first.actor}x` };
          const all = [{ ...forged, hash: hashOfEntry(forged) }, ...rest];
          expect(firstBroken(all, false)).toMatchObject({ seq: 2 });
        },
      ),
    );
  });

  it('counts what is left out, and misses it where all has to be there', () => {
    const [entries] = fc.sample(
      chain.filter(({ length }) => length > 3),
      { numRuns: 1, seed: 1 },
    ) as [ChainedEntry[]];
    const some = entries.filter(({ seq }) => seq !== 2);
    const check = new ChainCheck(false);
    for (const entry of some) check.take(entry);
    expect(check.summary()).toMatchObject({ entries: entries.length - 1, gaps: 1, first: 1 });
    expect(firstBroken(some, true)).toEqual({ seq: 3, reason: 'entry 2 is missing before it' });
  });
});
