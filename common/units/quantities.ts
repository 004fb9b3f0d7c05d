const CPU = /^(\d+(?:\.\d+)?)(m|u|n)?$/;
const CPU_MILLI: Record<string, number> = { m: 1, u: 1e-3, n: 1e-6 };
const MEMORY = /^(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(m|Ki|Mi|Gi|Ti|Pi|Ei|k|M|G|T|P|E)?$/;
const BYTES: Record<string, number> = {
  m: 1e-3,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
};

/**
 * Kubernetes CPU quantity (`250m`, `1.5`, `2`) to milli-cores, rounded up as the scheduler does.
 * `undefined` when the text is no quantity. Source: apimachinery `resource.Quantity`.
 */
export function cpuMilliFromQuantity(text: string): number | undefined {
  const match = CPU.exec(text);
  if (!match) return undefined;
  return Math.ceil(Number(match[1]) * (match[2] ? (CPU_MILLI[match[2]] ?? 0) : 1000));
}

/** Kubernetes memory quantity (`512Mi`, `1Gi`, `128974848`) to bytes, rounded up. `undefined` when it is none. */
export function bytesFromQuantity(text: string): number | undefined {
  const match = MEMORY.exec(text);
  if (!match) return undefined;
  return Math.ceil(Number(match[1]) * (match[2] ? (BYTES[match[2]] ?? 0) : 1));
}

/** Milli-cores as a Kubernetes quantity. */
export function cpuQuantity(milli: number): string {
  return `${milli}m`;
}

/** Bytes as a Kubernetes quantity: in Mi where they are whole. */
export function memoryQuantity(bytes: number): string {
  const mebibyte = 2 ** 20;
  return bytes % mebibyte === 0 ? `${bytes / mebibyte}Mi` : String(bytes);
}

/** `3.2 GiB`, `512 MiB`, `12 KiB`: binary units, three significant digits. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let index = 0;
  while (Math.abs(value) >= 1024 && index < units.length - 1) {
    value /= 1024;
    index++;
  }
  return `${threeDigits(value)} ${units[index]}`;
}

/** `250 m` below a core, `3.2 cores` from one up. */
export function formatCpu(milli: number): string {
  if (milli < 1000) return `${threeDigits(milli)} m`;
  const cores = threeDigits(milli / 1000);
  return cores === '1' ? '1 core' : `${cores} cores`;
}

function threeDigits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  // Formatting by locale is what takes long, and between these it changes nothing.
  return rounded >= 1 && rounded < 1000 ? String(rounded) : rounded.toLocaleString('en-US');
}
