import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../common/errors.ts';
import { readCommitments } from './commitments-file.ts';
import { commitmentsFromText } from './commitments-from-text.ts';
import { summaryOfCommitments } from './commitments-summary.ts';

const AS_OF = '2026-08-01T00:00:00Z';
const AT = Date.UTC(2026, 7, 1);
const read = (text: string) => readCommitments(commitmentsFromText(text, AS_OF));

function refusal(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
  throw new Error('it was read');
}

const json = {
  format: 'cloudoptim-commitments/1',
  asOf: AS_OF,
  savingsPlans: [{ kind: 'compute', commitmentUsdPerHour: 1.5, rates: [{ percent: 30 }] }],
  reservedInstances: [
    {
      instanceType: 'm5.large',
      region: 'us-east-1',
      count: 4,
      effectiveUsdPerHour: 0.06,
      endsAt: '2027-01-01',
    },
    {
      instanceType: 'm5.large',
      region: 'us-east-1',
      count: 9,
      effectiveUsdPerHour: 0.06,
      endsAt: '2026-01-01',
    },
    {
      instanceType: 'g5.xlarge',
      region: 'us-east-1',
      zone: 'us-east-1a',
      count: 1,
      effectiveUsdPerHour: 0.5,
    },
  ],
  discounts: [{ id: 'edp', percent: 7 }],
};

const csv = `kind,id,region,zone,instance_type,count,usd_per_hour,percent,ends_at
compute-savings-plan,,,,,,1.5,30,
reserved-instance,,us-east-1,,m5.large,4,0.06,,2027-01-01
reserved-instance,,us-east-1,,m5.large,9,0.06,,2026-01-01

reserved-instance,,us-east-1,us-east-1a,g5.xlarge,1,0.5,,
discount,edp,,,,,,7,
`;

describe('a commitments file', () => {
  it('is the same as JSON and as CSV', () => {
    expect(read(csv)).toEqual(read(JSON.stringify(json)));
    expect(read(csv.replaceAll('\n', '\r\n'))).toEqual(read(JSON.stringify(json)));
  });

  it('is read as the guide shows it', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guides/catalog.md'), 'utf8');
    const [, example = ''] = /```json\n([^`]+)```/.exec(guide) ?? [];
    const [, simple = ''] = /```\n(kind,[^`]+)```/.exec(guide) ?? [];
    const { savingsPlans, reservedInstances, discounts } = read(example);
    expect([savingsPlans.length, reservedInstances.length, discounts.length]).toEqual([2, 2, 2]);
    expect(read(simple).reservedInstances).toMatchObject([{ instanceType: 'm5.xlarge', count: 4 }]);
  });

  it('is summed up over what is in force', () => {
    const { totals, reservedInstances, provenance } = summaryOfCommitments(read(csv), AT);
    expect(provenance).toEqual({ source: 'commitments file', asOf: AT });
    expect(totals).toEqual({
      savingsPlansMicroUsdPerHour: 1_500_000,
      reservedInstancesMicroUsdPerHour: 4 * 60_000 + 500_000,
      committedMicroUsdPerHour: 1_500_000 + 4 * 60_000 + 500_000,
      notInForce: 1,
    });
    expect(reservedInstances.map(({ id, inForce, sizeFlexible }) => [id, inForce, sizeFlexible])).toEqual([
      ['reservation 1', true, true],
      ['reservation 2', false, true],
      ['reservation 3', true, false],
    ]);
  });

  it.each([
    [{ ...json, discounts: [{ percent: 140 }] }, 'discounts.0.percent of the commitments file is 140'],
    [{ ...json, discount: [] }, 'The commitments file is'],
    [{ ...json, asOf: 'yesterday' }, 'asOf of the commitments file is "yesterday": a time is written like'],
    [
      { ...json, savingsPlans: [{ kind: 'ec2-instance', commitmentUsdPerHour: 1, rates: [{ percent: 3 }] }] },
      'an ec2-instance plan has a region and a family',
    ],
    [
      { ...json, savingsPlans: [{ kind: 'compute', commitmentUsdPerHour: 1, rates: [{}] }] },
      'a rate has either usdPerHour or percent',
    ],
    [
      {
        ...json,
        discounts: [
          { id: 'edp', percent: 1 },
          { id: 'edp', percent: 2 },
        ],
      },
      'Two commitments have the id "edp".',
    ],
  ])('is refused with the value that is wrong', (file, sentence) => {
    expect(refusal(JSON.stringify(file))).toContain(sentence);
  });

  it.each([
    ['', 'is empty'],
    ['{"format"', 'is no JSON'],
    ['<html>', 'Line 1 of the commitments file has the unknown column "<html>"'],
    ['kind,percent\ndiscount,much', 'Line 2 of the commitments file has "much" as percent'],
    ['kind,percent\ndiscount', 'Line 2 of the commitments file has 1 cells'],
    ['kind,percent\ncoupon,3', 'has the kind "coupon"'],
  ])('is refused as text %j', (text, sentence) => {
    expect(refusal(text)).toContain(sentence);
  });
});
