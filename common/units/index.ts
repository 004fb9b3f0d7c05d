export type { AgentId, Brand, ClusterId, JobId, ModelId, PlanId, Pool, PoolKey, TaskId } from './ids.ts';
export { parsePoolKey, poolKey } from './ids.ts';
export { familyOf, quarterUnitsOf } from './instance-size.ts';
export {
  formatUsd,
  formatUsdPerHour,
  formatUsdPerMonth,
  HOURS_PER_MONTH,
  MICRO_USD_PER_USD,
  microUsdFromUsd,
  usdFromMicroUsd,
} from './money.ts';
export {
  bytesFromQuantity,
  cpuMilliFromQuantity,
  cpuQuantity,
  formatBytes,
  formatCpu,
  memoryQuantity,
} from './quantities.ts';
export { formatDuration, MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND, parseTime } from './time.ts';
