import type { GlobalPolicy } from './allowed-globals.ts';
import type { ByteReader } from './byte-reader.ts';
import { damagedPickle, refusedPickle } from './damaged-pickle.ts';
import { readJoblibArray } from './joblib-array.ts';
import { opcodeHandlers } from './opcode-handlers.ts';
import { PickleMachine } from './pickle-machine.ts';
import { makingOpcodes, pickleOpcodes, refusedOpcodes } from './pickle-opcodes.ts';
import type { PythonValue } from './python-values.ts';
import { ReadBudget } from './read-budget.ts';

const NESTED_PICKLES_MAX = 4;
const PROTOCOL_MAX = 5;

/** What was read and how it was written. */
export interface ReadPickle {
  readonly root: PythonValue;
  /** What PROTO says; without it the highest protocol among the opcodes. */
  readonly protocol: number;
  /** Arrays that joblib wrote into the stream. */
  readonly joblibArrays: number;
}

/**
 * Interprets one pickle, protocols 0 to 5, as data. The interpreter is a loop, not recursive; only an object array of joblib starts another one
 * inside, at most four deep. Limits: 20 million steps (a new list, text or object counts as 16), 1 GiB of arrays, 5 million values on the stack and in
 * the memo.
 * @param policy decides over every name of a class or function
 * @throws AppError `model.not-a-model` when damaged; `model.rejected` naming what is not let in
 */
export function readPickle(reader: ByteReader, policy: GlobalPolicy): ReadPickle {
  const facts = { protocol: 0, joblibArrays: 0 };
  const root = run(reader, policy, new ReadBudget(), facts, 0);
  return { root, ...facts };
}

interface Facts {
  protocol: number;
  joblibArrays: number;
}

function run(
  reader: ByteReader,
  policy: GlobalPolicy,
  budget: ReadBudget,
  facts: Facts,
  nesting: number,
): PythonValue {
  if (nesting > NESTED_PICKLES_MAX)
    throw refusedPickle('This joblib file nests arrays of objects too deeply.');
  const machine = new PickleMachine(reader, {
    policy,
    budget,
    readJoblibArray: description => {
      facts.joblibArrays += 1;
      return readJoblibArray(description, reader, budget, () =>
        run(reader, policy, budget, facts, nesting + 1),
      );
    },
  });
  let declared: number | undefined;
  let highest = 0;
  for (;;) {
    const code = reader.uint8();
    const instruction = instructions[code];
    if (instruction === undefined) {
      throw damagedPickle(
        `the byte 0x${code.toString(16).padStart(2, '0')} at ${reader.position - 1} is no instruction`,
      );
    }
    budget.spendOperations(instruction.steps);
    if (instruction.protocol > highest) highest = instruction.protocol;
    if (instruction.handle !== undefined) instruction.handle(machine);
    else if (code === PROTO) {
      const protocol = reader.uint8();
      if (protocol > PROTOCOL_MAX) throw damagedPickle(`it says that it is of protocol ${protocol}`);
      declared ??= protocol;
    } else if (code === STOP) {
      // A pickle nested in a joblib file may be of another protocol, and ends first.
      facts.protocol = declared ?? highest;
      return machine.finish();
    } else {
      throw refusedPickle(`This Python file holds ${instruction.refusal} (${instruction.name}).`);
    }
  }
}

interface Instruction {
  readonly name: string;
  readonly protocol: number;
  readonly steps: number;
  readonly handle: ((machine: PickleMachine) => void) | undefined;
  readonly refusal: string | undefined;
}

const [PROTO] = pickleOpcodes.PROTO;
const [STOP] = pickleOpcodes.STOP;
const instructions: readonly (Instruction | undefined)[] = instructionsByByte();

function instructionsByByte(): (Instruction | undefined)[] {
  const handlers = new Map<string, (machine: PickleMachine) => void>(Object.entries(opcodeHandlers));
  const refusals = new Map<string, string>(Object.entries(refusedOpcodes));
  const byByte = new Array<Instruction | undefined>(256).fill(undefined);
  for (const [name, [code, protocol]] of Object.entries(pickleOpcodes)) {
    const steps = makingOpcodes.has(name) ? 16 : 1;
    byByte[code] = { name, protocol, steps, handle: handlers.get(name), refusal: refusals.get(name) };
  }
  return byByte;
}
