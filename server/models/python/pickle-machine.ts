import type { GlobalKind, GlobalPolicy } from './allowed-globals.ts';
import type { ByteReader } from './byte-reader.ts';
import { constructValue } from './construct-value.ts';
import { damagedPickle, refusedPickle } from './damaged-pickle.ts';
import { arrayState, FilledArray } from './numpy-array.ts';
import { addEntry } from './python-entries.ts';
import {
  PythonClass,
  PythonDict,
  PythonList,
  PythonObject,
  PythonSet,
  PythonTuple,
  type PythonValue,
} from './python-values.ts';
import type { ReadBudget } from './read-budget.ts';

const STACK_MAX = 5_000_000;
const MEMO_MAX = 5_000_000;
const NAME_LENGTH_MAX = 300;

/** What a machine needs from the reading of the whole file. */
export interface MachineSettings {
  readonly policy: GlobalPolicy;
  readonly budget: ReadBudget;
  /** Reads the array whose bytes follow in the stream, given joblib's description of it. */
  readonly readJoblibArray: (description: PythonDict) => PythonValue;
}

/**
 * The state of one pickle while it is read: stack, marks and memo. Its methods are the instructions that several opcodes share.
 * Nothing is ever called: a class becomes a record, and the few constructors are functions of `construct-value.ts`.
 * @throws AppError `model.not-a-model` from every method for an empty stack, a missing mark or memo, or a value of the wrong kind;
 *   `model.rejected` for a name that is not let in and for used-up limits
 */
export class PickleMachine {
  readonly reader: ByteReader;
  readonly #settings: MachineSettings;
  readonly #stack: PythonValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PythonValue>();
  readonly #classes = new Map<string, PythonClass>();
  readonly #kinds = new Map<PythonClass, GlobalKind>();

  constructor(reader: ByteReader, settings: MachineSettings) {
    this.reader = reader;
    this.#settings = settings;
  }

  push(value: PythonValue): void {
    if (this.#stack.length >= STACK_MAX)
      throw refusedPickle(`This Python file piles up more than ${STACK_MAX} values.`);
    this.#stack.push(value);
  }

  /** Takes the uppermost value; never one from below the last mark. */
  pop(): PythonValue {
    this.#checkHeight(1);
    return this.#stack.pop() ?? null;
  }

  top(): PythonValue {
    this.#checkHeight(1);
    return this.#stack.at(-1) ?? null;
  }

  mark(): void {
    if (this.#marks.length >= STACK_MAX)
      throw refusedPickle(`This Python file sets more than ${STACK_MAX} marks.`);
    this.#marks.push(this.#stack.length);
  }

  /** Takes everything above the last mark, and the mark. */
  popMark(): PythonValue[] {
    const base = this.#marks.pop();
    if (base === undefined) throw damagedPickle('it lacks a mark');
    const values = this.#stack.splice(base);
    this.#settings.budget.spendOperations(values.length >> 4);
    return values;
  }

  /** POP: the uppermost value, or the mark when it is uppermost. */
  discard(): void {
    if (this.#stack.length === (this.#marks.at(-1) ?? -1)) this.#marks.pop();
    else this.pop();
  }

  /** The result of the pickle. */
  finish(): PythonValue {
    if (this.#marks.length > 0 || this.#stack.length !== 1) {
      throw damagedPickle(`it ends with ${this.#stack.length} values instead of one`);
    }
    return this.pop();
  }

  remember(index: number | undefined): void {
    if (this.#memo.size >= MEMO_MAX)
      throw refusedPickle(`This Python file remembers more than ${MEMO_MAX} values.`);
    const place = index ?? this.#memo.size;
    if (!Number.isSafeInteger(place) || place < 0)
      throw damagedPickle('it remembers a value under no number');
    this.#memo.set(place, this.top());
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined)
      throw damagedPickle(`it refers to the value ${index}, which was never remembered`);
    this.push(value);
  }

  /** GLOBAL: a name becomes a class when the policy lets it in. */
  pushGlobal(module: PythonValue, name: PythonValue): void {
    if (typeof module !== 'string' || typeof name !== 'string')
      throw damagedPickle('the name of a class is no text');
    const full = `${module}.${name}`;
    const kind = full.length > NAME_LENGTH_MAX ? 'refused' : this.#settings.policy(module, name);
    if (kind === 'refused') {
      throw refusedPickle(
        `This Python file refers to ${printable(full)}, which is not let in.`,
        'Save only a fitted scikit-learn, XGBoost or LightGBM model without functions or classes of your own.',
      );
    }
    const known = this.#classes.get(full);
    const type = known ?? new PythonClass(module, name);
    if (known === undefined) {
      this.#classes.set(full, type);
      this.#kinds.set(type, kind);
    }
    this.push(type);
  }

  /** REDUCE, INST, OBJ, NEWOBJ: the value that calling a class would make, as data. */
  instantiate(type: PythonValue, args: PythonValue): void {
    if (!(args instanceof PythonTuple)) throw damagedPickle('the arguments of a class are no tuple');
    const kind = type instanceof PythonClass ? this.#kinds.get(type) : undefined;
    if (!(type instanceof PythonClass) || kind === undefined)
      throw damagedPickle('it calls what is no class');
    if (kind === 'constructor') {
      this.push(constructValue(type, args.items, this.#settings.budget));
      return;
    }
    if (kind !== 'record') {
      throw refusedPickle(`This Python file calls the function ${printable(`${type.module}.${type.name}`)}.`);
    }
    // Compiled classes are remade by a function of their module that names them first.
    const [first, ...rest] = args.items.slice(0, 10);
    const isRemake = type.name.startsWith('__pyx_unpickle_') || type.name === 'newObj';
    const isNamed = isRemake && first instanceof PythonClass && this.#kinds.get(first) === 'record';
    this.push(isNamed ? new PythonObject(first, rest) : new PythonObject(type, args.items));
  }

  /** BUILD: gives the uppermost value its state. */
  build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof FilledArray) {
      target.fill(arrayState(state, this.#settings.budget), this.#settings.budget);
    } else if (!(target instanceof PythonObject)) {
      throw damagedPickle('it gives a state to what has none');
    } else if (`${target.type.module}.${target.type.name}` === 'joblib.numpy_pickle.NumpyArrayWrapper') {
      if (!(state instanceof PythonDict)) throw damagedPickle('an array of joblib lacks its description');
      this.pop();
      this.push(this.#settings.readJoblibArray(state));
    } else {
      target.state = state;
    }
  }

  append(items: readonly PythonValue[]): void {
    const target = this.top();
    if (target instanceof PythonObject) target.sequence ??= new PythonList();
    const list = target instanceof PythonObject ? target.sequence : target;
    if (!(list instanceof PythonList)) throw damagedPickle('it appends to what is no list');
    for (const item of items) list.items.push(item);
  }

  addItems(items: readonly PythonValue[]): void {
    const target = this.top();
    if (!(target instanceof PythonSet)) throw damagedPickle('it adds to what is no set');
    for (const item of items) target.items.push(item);
  }

  /** @param pairs key, value, key, value, … */
  setItems(pairs: readonly PythonValue[]): void {
    const target = this.top();
    if (target instanceof PythonObject) target.mapping ??= new PythonDict();
    const dict = target instanceof PythonObject ? target.mapping : target;
    if (!(dict instanceof PythonDict) || pairs.length % 2 !== 0)
      throw damagedPickle('it sets entries of what is no dict');
    for (let index = 0; index < pairs.length; index += 2) {
      addEntry(dict, pairs[index] ?? null, pairs[index + 1] ?? null);
    }
  }

  #checkHeight(count: number): void {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count)
      throw damagedPickle('it takes a value where none is left');
  }
}

function printable(name: string): string {
  const clean = name.replace(/[^\x20-\x7e]/g, '?');
  return clean.length > 120 ? `${clean.slice(0, 120)}…` : clean;
}
