import { z as real } from 'zod';

/**
 * Stands in for zod in the bundle of the engine: what is written down with it is only noted, and built when something of it is
 * first read: its shape, its parser. Contracts are some thousand schemas of which one run needs few, and building one
 * costs as much as parsing a small request with it.
 */
type Chain = (...args: unknown[]) => unknown;

/** Makers of schemas; all else of zod is zod's own. */
const makers = new Set(
  (
    'any array boolean discriminatedUnion enum instanceof int intersection lazy literal looseObject ' +
    'nan never null nullable number object optional record strictObject string stringbool tuple ' +
    'undefined union unknown'
  ).split(' '),
);
/** Methods that give another schema. */
const steps = new Set(
  (
    'array brand catch default describe extend gt gte int length lt lte max meta min multipleOf ' +
    'nonempty nonnegative nullable nullish omit optional partial pick pipe positive prefault ' +
    'readonly refine regex strict superRefine transform trim'
  ).split(' '),
);
/** What Fastify looks for in each schema that it is given, and what none of zod has. */
const askedByFastify = new Set<string | symbol>([
  'content',
  'isFluentSchema',
  Symbol.for('fluent-schema-object'),
]);
/** What was written down, and what was built of it. */
class Note {
  readonly #build: () => unknown;
  #built: object | undefined;

  constructor(build: () => unknown) {
    this.#build = build;
  }

  schema(): object {
    this.#built ??= this.#build() as object;
    return this.#built;
  }
}

/** Under this a stand-in gives its note. */
const NOTE = Symbol('note');

function noted(build: () => unknown): unknown {
  return new Proxy(new Note(build), standing);
}

/** One for all stand-ins: there are thousands. */
const standing: ProxyHandler<Note> = {
  get: (note, name) => {
    if (name === NOTE) return note;
    if (askedByFastify.has(name)) return undefined;
    if (typeof name === 'string' && steps.has(name))
      return (...args: unknown[]) =>
        noted(() => (note.schema() as Record<string, Chain>)[name]?.(...args.map(builtOf)));
    return Reflect.get(note.schema(), name);
  },
  has: (note, name) => Reflect.has(note.schema(), name),
  ownKeys: note => Reflect.ownKeys(note.schema()),
  getOwnPropertyDescriptor: (note, name) => {
    const descriptor = Reflect.getOwnPropertyDescriptor(note.schema(), name);
    return descriptor && { ...descriptor, configurable: true };
  },
  getPrototypeOf: () => real.ZodType.prototype,
};

/** What zod itself takes in place of a stand-in, also within the lists and shapes that are written down. */
function builtOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const note = (value as { [NOTE]?: Note })[NOTE];
  if (note) return note.schema();
  if (Array.isArray(value)) return value.map(builtOf);
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, builtOf(each)]));
}

function standInFor(makersOf: object): unknown {
  return new Proxy(makersOf, {
    get: (target, name) => {
      const own = Reflect.get(target, name);
      if (name === 'coerce' || name === 'iso') return standInFor(own);
      if (typeof own !== 'function') return own;
      if (target !== real || makers.has(String(name)))
        return (...args: unknown[]) => noted(() => own(...args.map(builtOf)));
      return /^[a-z]/.test(String(name)) ? (...args: unknown[]) => own(...args.map(builtOf)) : own;
    },
  });
}

/** In place of zod's `z`. */
export const z = standInFor(real);
