import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { catalogOf } from './catalog.ts';
import type { CatalogLayer } from './catalog-layers.ts';
import { checkLayerFile, decodeLayer, type LayerFile } from './layer-codec.ts';
import { readSnapshot } from './read-snapshot.ts';

const path = join(import.meta.dirname, '../../../resources/catalog/snapshot.json');
const snapshot = await readSnapshot(path);
const NOW = Date.UTC(2026, 10, 25);

function withLayers(...more: LayerFile[]) {
  const layers = (): CatalogLayer[] => [...snapshot(), ...more.map(decodeLayer)];
  return catalogOf({ layers, commitments: () => undefined, clock: { now: () => NOW } }).catalog;
}

describe('the snapshot', () => {
  it('has the layout that is checked nowhere else, and less than 500 kB', () => {
    const text = readFileSync(path, 'utf8');
    expect(text.length).toBeLessThan(500_000);
    const { layers } = JSON.parse(text) as { layers: LayerFile[] };
    expect(layers.map(layer => checkLayerFile(layer, path).kind)).toEqual([
      'types',
      'allocatable',
      'zones',
      'on-demand',
      'advisor',
    ]);
    for (const layer of layers) {
      if (layer.kind === 'types') {
        expect(new Set(Object.values(layer.columns).map(column => column.length))).toEqual(new Set([1_373]));
      } else if (layer.kind === 'allocatable') {
        expect([layer.pods.length, layer.cpuMilli.length, layer.memoryMib.length]).toEqual([
          1_363, 1_363, 1_363,
        ]);
      } else if (layer.kind === 'zones') {
        for (const { offered } of Object.values(layer.regions)) expect(offered.length).toBe(2 * 1_373);
      } else if (layer.kind === 'advisor') {
        const packed = Object.values(layer.regions).flatMap(of => Object.values(of));
        expect(new Set(packed.map(one => one.length))).toEqual(new Set([2 * layer.instanceTypes.length]));
      }
    }
  });

  // Figures of AWS, read from the collected files by hand: m5.large in ../shared/data and the feed of 2025-06-28.
  it('knows m5.large', () => {
    const entry = withLayers()
      .entries('us-east-1')
      .find(({ instanceType }) => instanceType === 'm5.large');
    expect(entry).toMatchObject({
      vcpu: 2,
      memoryMib: 8_192,
      arch: 'amd64',
      pods: 29,
      allocatableCpuMilli: 1_930,
      allocatableMemoryMib: 6_903,
      onDemandMicroUsdPerHour: 96_000,
      networkBaselineMbps: 750,
      ebsBaselineMbps: 650,
      interruptionBand: { label: '15-20%', maxPercent: 22 },
      savingsPercent: 66,
      advisorByProduct: { Windows: { label: '>20%', maxPercent: 100, savingsPercent: 46 } },
      zones: ['us-east-1a', 'us-east-1b', 'us-east-1c', 'us-east-1d', 'us-east-1f'],
    });
  });

  it('leaves unknown what it does not know', () => {
    const catalog = withLayers();
    expect(catalog.onDemandMicroUsdPerHour('eu-west-1', 'm5.large')).toBeUndefined();
    expect(catalog.onDemandMicroUsdPerHour('us-east-1', 'm5.large', 'Windows')).toBeUndefined();
    const mac = catalog.entries('us-east-1').find(({ instanceType }) => instanceType === 'mac2.metal');
    expect(mac).toMatchObject({ pods: null, onDemandMicroUsdPerHour: null, interruptionBand: null });
    expect(mac?.from).toMatchObject({ size: 0, allocatable: null, onDemand: null, advisor: null });
    expect(catalog.all().some(({ instanceType }) => instanceType === 'mac2.metal')).toBe(false);
    expect(catalog.entries('xx-none-1')[0]).toMatchObject({ zones: null, onDemandMicroUsdPerHour: null });
  });

  it('gives each figure a source with its age', () => {
    const catalog = withLayers();
    const layers = catalog.layers();
    const entry = catalog.entries('us-east-1').find(({ instanceType }) => instanceType === 'g5.xlarge');
    expect(entry).toMatchObject({ gpuCount: 1, gpuManufacturer: 'NVIDIA', gpuModel: 'A10G' });
    expect(layers[entry?.from.onDemand ?? -1]).toMatchObject({ kind: 'on-demand', region: 'us-east-1' });
    expect(layers[entry?.from.advisor ?? -1]).toEqual({
      kind: 'advisor',
      region: null,
      source: 'Spot Instance Advisor',
      asOf: Date.UTC(2025, 5, 28),
      ageMs: NOW - Date.UTC(2025, 5, 28),
    });
    expect(catalog.riskProvenance.asOf).toBe(Date.UTC(2025, 5, 28));
  });

  it('is refused where it is no snapshot, and where it is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-snapshot-'));
    const other = join(folder, 'other.json');
    writeFileSync(other, '{"format": "cloudoptim-catalog/9", "layers": []}');
    expect(await readSnapshot(other)).toThrow(AppError);
    await expect(readSnapshot(join(folder, 'none.json'))).rejects.toThrow(AppError);
    rmSync(folder, { recursive: true });
  });
});

describe('a newer layer', () => {
  const newer: LayerFile = {
    kind: 'on-demand',
    source: 'AWS price list',
    asOf: '2026-11-01',
    region: 'us-east-1',
    prices: { 'Linux/UNIX': { 'm5.large': 97_000 }, Windows: { 'm5.large': 188_000 } },
  };

  it('hides the older list of its region and product as a whole', () => {
    const catalog = withLayers(newer);
    expect(catalog.onDemandMicroUsdPerHour('us-east-1', 'm5.large')).toBe(97_000);
    expect(catalog.onDemandMicroUsdPerHour('us-east-1', 'm5.large', 'Windows')).toBe(188_000);
    expect(catalog.onDemandMicroUsdPerHour('us-east-1', 'c5.large')).toBeUndefined();
    expect(catalog.onDemandProvenance('us-east-1', 'm5.large')).toEqual({
      source: 'AWS price list',
      asOf: Date.UTC(2026, 10, 1),
    });
    expect(catalog.provenance.source).toBe('AWS price list');
  });

  it('does nothing where it is older than the snapshot', () => {
    expect(
      withLayers({ ...newer, asOf: '2020-01-01' }).onDemandMicroUsdPerHour('us-east-1', 'm5.large'),
    ).toBe(96_000);
  });

  it('is refused with the field that is damaged', () => {
    const wrong = { ...newer, prices: { Windows: { 'm5.large': -1 } } };
    expect(() => checkLayerFile(wrong, 'x.json')).toThrow('x.json is damaged: prices.Windows.m5.large');
  });
});
