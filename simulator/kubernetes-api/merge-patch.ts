/** Lists of objects that a strategic merge patch merges by a key, by field name (apimachinery `patchMergeKey` tags). */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  ports: ['containerPort', 'port'],
  conditions: ['type'],
  addresses: ['type'],
  ownerReferences: ['uid'],
};

/** Applies an RFC 7386 merge patch: null removes, objects merge, anything else replaces. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applyMergePatch(result[key], value);
  }
  return result;
}

/**
 * Applies a strategic merge patch: as a merge patch, but known lists merge by their key, `$patch: delete | replace` and
 * `$deleteFromPrimitiveList/…` are obeyed, `$setElementOrder/…` and `$retainKeys` are accepted and ignored. `taints` has
 * no merge key in Kubernetes, so it is replaced.
 */
export function applyStrategicMergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  if (patch.$patch === 'replace') return without$(patch);
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$deleteFromPrimitiveList/')) {
      const name = key.slice('$deleteFromPrimitiveList/'.length);
      const gone = new Set(Array.isArray(value) ? value : []);
      if (Array.isArray(result[name])) result[name] = result[name].filter(one => !gone.has(one));
    } else if (key.startsWith('$')) {
    } else if (value === null) {
      delete result[key];
    } else if (Array.isArray(value)) {
      result[key] = mergeList(key, Array.isArray(result[key]) ? result[key] : [], value);
    } else if (isRecord(value) && value.$patch === 'delete') {
      delete result[key];
    } else {
      result[key] = applyStrategicMergePatch(result[key], value);
    }
  }
  return result;
}

function mergeList(field: string, current: readonly unknown[], patch: readonly unknown[]): unknown[] {
  if (field === 'finalizers') return [...new Set([...current, ...patch])];
  const keys = MERGE_KEYS[field];
  if (!keys) return [...patch];
  if (patch.some(one => isRecord(one) && one.$patch === 'replace')) {
    return patch.filter(one => !(isRecord(one) && one.$patch === 'replace'));
  }
  const merged = [...current];
  for (const one of patch) {
    const index = merged.findIndex(other => sameKey(keys, other, one));
    const deletes = isRecord(one) && one.$patch === 'delete';
    if (deletes && index >= 0) merged.splice(index, 1);
    else if (index >= 0) merged[index] = applyStrategicMergePatch(merged[index], one);
    else if (!deletes) merged.push(one);
  }
  return merged;
}

function sameKey(keys: readonly string[], a: unknown, b: unknown): boolean {
  if (!isRecord(a) || !isRecord(b)) return false;
  const key = keys.find(one => b[one] !== undefined);
  return key !== undefined && a[key] === b[key];
}

function without$(patch: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
