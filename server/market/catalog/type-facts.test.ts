import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { catalogOf } from './catalog.ts';
import { readSnapshot } from './read-snapshot.ts';
import { typeFactsOf } from './type-facts.ts';

const root = join(import.meta.dirname, '../../..');
const recordings = join(root, '../shared/data/ec2-json');
const base: InstanceTypeInfo = {
  InstanceType: 'm5.large',
  VCpuInfo: { DefaultVCpus: 2 },
  MemoryInfo: { SizeInMiB: 8_192 },
  ProcessorInfo: { SupportedArchitectures: ['i386', 'x86_64'], Manufacturer: 'Intel' },
};

describe('typeFactsOf', () => {
  it('leaves unknown what the answer does not say', () => {
    expect(typeFactsOf(base)).toMatchObject({
      instanceType: 'm5.large',
      arch: 'amd64',
      gpuCount: 0,
      gpuModel: null,
      acceleratorCount: 0,
      networkBaselineMbps: null,
      ebsBaselineMbps: null,
      localStorageGb: null,
      soldAsSpot: false,
    });
  });

  it('adds up cards, and counts a chip with two names once', () => {
    const facts = typeFactsOf({
      ...base,
      NetworkInfo: {
        NetworkCards: [
          { BaselineBandwidthInGbps: 100 },
          { BaselineBandwidthInGbps: 12.5, PeakBandwidthInGbps: 100 },
        ],
      },
      NeuronInfo: { NeuronDevices: [{ Count: 4, Name: 'Inferentia' }] },
      InferenceAcceleratorInfo: { Accelerators: [{ Count: 4, Name: 'Inferentia' }] },
    });
    expect(facts).toMatchObject({ networkBaselineMbps: 112_500, networkPeakMbps: null, acceleratorCount: 4 });
  });

  it.each<[string, InstanceTypeInfo]>([
    ['no size', { ...base, MemoryInfo: {} }],
    ['no name', { VCpuInfo: { DefaultVCpus: 2 } }],
    ['32 bits only', { ...base, ProcessorInfo: { SupportedArchitectures: ['i386'] } }],
  ])('takes nothing from an answer with %s', (_, info) => {
    expect(typeFactsOf(info)).toBeUndefined();
  });

  it.runIf(existsSync(recordings))('says of recorded answers of EC2 the same as the snapshot', async () => {
    const layers = await readSnapshot(join(root, 'resources/catalog/snapshot.json'));
    const { catalog } = catalogOf({ layers, commitments: () => undefined, clock: { now: () => 0 } });
    let compared = 0;
    for (const name of readdirSync(recordings).filter(one => one.endsWith('.gz'))) {
      const page = JSON.parse(
        gunzipSync(readFileSync(join(recordings, name))).toString(),
      ) as InstanceTypeInfo[];
      for (const info of page) {
        const facts = typeFactsOf(info);
        const known = facts && catalog.typeOf(facts.instanceType);
        if (!facts || !known) continue;
        // Between 2025 and 2026 AWS changed what it says of networks, generations and GPU memory (A10G: 24,576 → 22,888 MiB).
        const { vcpu, memoryMib, arch, gpuCount, gpuModel, burstable, bareMetal } = facts;
        expect(known).toMatchObject({
          vcpu,
          memoryMib,
          arch,
          gpuCount,
          gpuModel,
          burstable,
          bareMetal,
        });
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(400);
  });
});
