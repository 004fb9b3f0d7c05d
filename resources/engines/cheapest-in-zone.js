// An example engine: moves each node to the cheapest Spot pool of its own zone. docs/guides/engines.md explains the contract.
export const manifest = {
  name: 'cheapest-in-zone',
  version: '1.0.0',
  contractVersion: 1,
  description: 'Moves each node to the cheapest Spot pool of its own zone that holds its pods.',
  parameters: {
    type: 'object',
    properties: {
      leastSavingPercent: { type: 'number', title: 'Least saving, % of the node', default: 30, minimum: 25, maximum: 90 },
    },
  },
};

export function decide({ nodes, types, pools, policy, parameters }) {
  const typeOf = new Map(types.map(type => [type.instanceType, type]));
  const placeOf = ({ instanceType, zone }) => `${instanceType} ${zone}`;
  const mostInPool = Math.max(policy.minimumPoolNodes, Math.floor(policy.maximumPoolShare * nodes.length));
  const onDemandFloor = Math.max(policy.onDemandNodes, Math.ceil(policy.onDemandShare * nodes.length));
  let mayLeave = nodes.filter(node => node.capacityType === 'on-demand').length - onDemandFloor;
  const held = new Map();
  const take = place => held.set(place, (held.get(place) ?? 0) + 1);
  for (const node of nodes) if (node.capacityType === 'spot') take(placeOf(node));

  const proposals = [];
  // Sorted, so that the same cluster told in another order gives the same moves.
  for (const node of nodes.toSorted((a, b) => (a.uid < b.uid ? -1 : 1))) {
    const { savedMicroUsdPerHour: now, requested, blockers, isMoving, capacityType } = node;
    if (now === null || isMoving || blockers.length > 0 || (capacityType === 'on-demand' && mayLeave <= 0)) continue;
    const lost = policy.interruptionMicroUsd + (policy.lostWorkMs / 3_600_000) * now;
    const choices = pools.flatMap(pool => {
      const type = typeOf.get(pool.instanceType);
      const fits = type.arch === node.arch && type.allocatableCpuMilli >= requested.cpuMilli && type.pods >= requested.pods &&
        type.allocatableMemoryMib * 1_048_576 >= requested.memoryBytes && type.gpuCount === 0;
      const free = pool.zone === node.zone && placeOf(pool) !== placeOf(node) && (held.get(placeOf(pool)) ?? 0) < mostInPool;
      if (!fits || !free || pool.interruptionMaxPercentPerMonth === null) return [];
      const price = (pool.priceMicroUsdPerHour + pool.predictedMicroUsdPerHour) / 2;
      return { pool, saving: now - price - (pool.interruptionMaxPercentPerMonth / 100 / 730) * lost };
    });
    const [best] = choices.sort((a, b) => b.saving - a.saving || (placeOf(a.pool) < placeOf(b.pool) ? -1 : 1));
    const least = Math.max((now * parameters.leastSavingPercent) / 100, policy.minimumSavingMicroUsdPerHour + 2);
    if (!best || best.saving < least) continue;
    take(placeOf(best.pool));
    if (capacityType === 'on-demand') mayLeave--;
    const { instanceType, zone } = best.pool;
    const text = `${instanceType} is the cheapest Spot pool in ${zone} for what its pods request.`;
    proposals.push({ nodeUid: node.uid, target: { instanceType, zone, capacityType: 'spot' }, reasons: [{ code: 'cheapest', text }] });
  }
  return { proposals };
}
