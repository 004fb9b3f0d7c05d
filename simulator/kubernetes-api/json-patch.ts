import { isDeepStrictEqual } from 'node:util';

/** Thrown when an operation cannot be applied or its test fails; the API answers 422. */
export class PatchFailure extends Error {}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** Applies RFC 6902 operations to a copy. Throws `PatchFailure` when one does not apply. */
export function applyJsonPatch(target: unknown, operations: readonly unknown[]): unknown {
  const document: { root: unknown } = { root: structuredClone(target) };
  for (const operation of operations) applyOne(document, readOperation(operation));
  return document.root;
}

function readOperation(value: unknown): Operation {
  const { op, path, from } = (value ?? {}) as Partial<Operation>;
  if (typeof op !== 'string' || typeof path !== 'string') {
    throw new PatchFailure(`a JSON patch operation needs "op" and "path", got ${JSON.stringify(value)}`);
  }
  const own = (value as Operation).value;
  return { op, path, value: own, ...(typeof from === 'string' ? { from } : {}) };
}

function applyOne(document: { root: unknown }, operation: Operation): void {
  const { op, path } = operation;
  switch (op) {
    case 'test': {
      if (!isDeepStrictEqual(read(document.root, path), operation.value)) {
        throw new PatchFailure(`testing value ${path} failed`);
      }
      return;
    }
    case 'add':
      write(document, path, structuredClone(operation.value), 'add');
      return;
    case 'replace':
      read(document.root, path);
      write(document, path, structuredClone(operation.value), 'replace');
      return;
    case 'remove':
      remove(document, path);
      return;
    case 'move':
    case 'copy': {
      const moved = structuredClone(read(document.root, operation.from ?? ''));
      if (op === 'move') remove(document, operation.from ?? '');
      write(document, path, moved, 'add');
      return;
    }
    default:
      throw new PatchFailure(`unexpected kind: ${op}`);
  }
}

function pointer(path: string): string[] {
  if (path === '') return [];
  if (!path.startsWith('/')) throw new PatchFailure(`the path ${path} does not start with a slash`);
  return path
    .slice(1)
    .split('/')
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function child(parent: unknown, key: string, path: string): unknown {
  if (Array.isArray(parent)) return parent[indexIn(parent, key, path, parent.length - 1)];
  if (typeof parent === 'object' && parent !== null && Object.hasOwn(parent, key)) {
    return (parent as Record<string, unknown>)[key];
  }
  throw new PatchFailure(`the path ${path} does not exist`);
}

function indexIn(list: readonly unknown[], key: string, path: string, highest: number): number {
  const index = key === '-' ? list.length : Number(key);
  if (!/^(\d+|-)$/.test(key) || index > highest)
    throw new PatchFailure(`the index in ${path} is out of bounds`);
  return index;
}

function read(root: unknown, path: string): unknown {
  return pointer(path).reduce<unknown>((parent, key) => child(parent, key, path), root);
}

function parentOf(root: unknown, path: string): { parent: unknown; key: string } {
  const keys = pointer(path);
  const key = keys.pop() ?? '';
  return { parent: keys.reduce<unknown>((parent, one) => child(parent, one, path), root), key };
}

function write(document: { root: unknown }, path: string, value: unknown, mode: 'add' | 'replace'): void {
  if (path === '') {
    document.root = value;
    return;
  }
  const { parent, key } = parentOf(document.root, path);
  if (Array.isArray(parent)) {
    if (mode === 'add') parent.splice(indexIn(parent, key, path, parent.length), 0, value);
    else parent[indexIn(parent, key, path, parent.length - 1)] = value;
    return;
  }
  if (typeof parent !== 'object' || parent === null || isPrototypeKey(key)) {
    throw new PatchFailure(`the path ${path} cannot be written`);
  }
  (parent as Record<string, unknown>)[key] = value;
}

function remove(document: { root: unknown }, path: string): void {
  read(document.root, path);
  const { parent, key } = parentOf(document.root, path);
  if (Array.isArray(parent)) parent.splice(indexIn(parent, key, path, parent.length - 1), 1);
  else if (typeof parent === 'object' && parent !== null) delete (parent as Record<string, unknown>)[key];
}

function isPrototypeKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}
