import { damagedPickle } from './damaged-pickle.ts';
import type { PickleMachine } from './pickle-machine.ts';
import type { PickleOpcode, refusedOpcodes } from './pickle-opcodes.ts';
import { PythonDict, PythonList, PythonSet, PythonTuple, type PythonValue } from './python-values.ts';
import {
  decodeLong,
  latin1Text,
  parseFloatOpcode,
  parseInteger,
  parseIntOpcode,
  parseStringOpcode,
  parseUnicodeOpcode,
  utf8Text,
} from './text-opcodes.ts';

/** Opcodes that change the machine. PROTO and STOP belong to the loop in `read-pickle.ts`. */
type HandledOpcode = Exclude<PickleOpcode, keyof typeof refusedOpcodes | 'PROTO' | 'STOP'>;

/**
 * What each opcode does. @throws AppError as the methods of `PickleMachine` and `ByteReader`
 */
export const opcodeHandlers: Readonly<Record<HandledOpcode, (machine: PickleMachine) => void>> = {
  MARK: machine => machine.mark(),
  POP: machine => machine.discard(),
  POP_MARK: machine => void machine.popMark(),
  DUP: machine => machine.push(machine.top()),

  NONE: machine => machine.push(null),
  NEWTRUE: machine => machine.push(true),
  NEWFALSE: machine => machine.push(false),
  INT: machine => machine.push(parseIntOpcode(machine.reader.line())),
  BININT: machine => machine.push(machine.reader.int32()),
  BININT1: machine => machine.push(machine.reader.uint8()),
  BININT2: machine => machine.push(machine.reader.uint16()),
  LONG: machine => machine.push(parseInteger(machine.reader.line())),
  LONG1: machine => machine.push(decodeLong(machine.reader.take(machine.reader.uint8()))),
  LONG4: machine => machine.push(decodeLong(machine.reader.take(signedLength(machine)))),
  FLOAT: machine => machine.push(parseFloatOpcode(machine.reader.line())),
  BINFLOAT: machine => machine.push(machine.reader.float64BigEndian()),

  STRING: machine => machine.push(parseStringOpcode(machine.reader.line())),
  BINSTRING: machine => machine.push(latin1Text(machine.reader.take(signedLength(machine)))),
  SHORT_BINSTRING: machine => machine.push(latin1Text(machine.reader.take(machine.reader.uint8()))),
  UNICODE: machine => machine.push(parseUnicodeOpcode(machine.reader.line())),
  BINUNICODE: machine => machine.push(utf8Text(machine.reader.take(machine.reader.uint32()))),
  SHORT_BINUNICODE: machine => machine.push(utf8Text(machine.reader.take(machine.reader.uint8()))),
  BINUNICODE8: machine => machine.push(utf8Text(machine.reader.take(machine.reader.length64()))),
  BINBYTES: machine => machine.push(machine.reader.take(machine.reader.uint32())),
  SHORT_BINBYTES: machine => machine.push(machine.reader.take(machine.reader.uint8())),
  BINBYTES8: machine => machine.push(machine.reader.take(machine.reader.length64())),
  BYTEARRAY8: machine => machine.push(machine.reader.take(machine.reader.length64())),
  READONLY_BUFFER: machine => void machine.top(),

  EMPTY_TUPLE: machine => machine.push(new PythonTuple([])),
  TUPLE: machine => machine.push(new PythonTuple(machine.popMark())),
  TUPLE1: machine => machine.push(new PythonTuple([machine.pop()])),
  TUPLE2: machine => machine.push(new PythonTuple(popped(machine, 2))),
  TUPLE3: machine => machine.push(new PythonTuple(popped(machine, 3))),
  EMPTY_LIST: machine => machine.push(new PythonList()),
  LIST: machine => {
    const items = machine.popMark();
    machine.push(new PythonList());
    machine.append(items);
  },
  APPEND: machine => machine.append([machine.pop()]),
  APPENDS: machine => machine.append(machine.popMark()),
  EMPTY_DICT: machine => machine.push(new PythonDict()),
  DICT: machine => {
    const pairs = machine.popMark();
    machine.push(new PythonDict());
    machine.setItems(pairs);
  },
  SETITEM: machine => machine.setItems(popped(machine, 2)),
  SETITEMS: machine => machine.setItems(machine.popMark()),
  EMPTY_SET: machine => machine.push(new PythonSet()),
  ADDITEMS: machine => machine.addItems(machine.popMark()),
  FROZENSET: machine => {
    const items = machine.popMark();
    machine.push(new PythonSet());
    machine.addItems(items);
  },

  PUT: machine => machine.remember(place(machine)),
  BINPUT: machine => machine.remember(machine.reader.uint8()),
  LONG_BINPUT: machine => machine.remember(machine.reader.uint32()),
  MEMOIZE: machine => machine.remember(undefined),
  GET: machine => machine.recall(place(machine)),
  BINGET: machine => machine.recall(machine.reader.uint8()),
  LONG_BINGET: machine => machine.recall(machine.reader.uint32()),

  GLOBAL: machine => {
    const module = utf8Text(machine.reader.line());
    machine.pushGlobal(module, utf8Text(machine.reader.line()));
  },
  STACK_GLOBAL: machine => {
    const name = machine.pop();
    machine.pushGlobal(machine.pop(), name);
  },
  REDUCE: machine => {
    const args = machine.pop();
    machine.instantiate(machine.pop(), args);
  },
  NEWOBJ: machine => {
    const args = machine.pop();
    machine.instantiate(machine.pop(), args);
  },
  NEWOBJ_EX: machine => {
    const named = machine.pop();
    const args = machine.pop();
    if (!(named instanceof PythonDict) || named.entries.length > 0) {
      throw damagedPickle('a class is made with named arguments, which no fitted model has');
    }
    machine.instantiate(machine.pop(), args);
  },
  INST: machine => {
    const module = utf8Text(machine.reader.line());
    const name = utf8Text(machine.reader.line());
    const args = new PythonTuple(machine.popMark());
    machine.pushGlobal(module, name);
    machine.instantiate(machine.pop(), args);
  },
  OBJ: machine => {
    const [type, ...args] = machine.popMark();
    machine.instantiate(type ?? null, new PythonTuple(args));
  },
  BUILD: machine => machine.build(),

  FRAME: machine => {
    const length = machine.reader.length64();
    if (length > machine.reader.left) throw damagedPickle('it ends inside a frame');
  },
};

function popped(machine: PickleMachine, count: number): PythonValue[] {
  return Array.from({ length: count }, () => machine.pop()).reverse();
}

function signedLength(machine: PickleMachine): number {
  const length = machine.reader.int32();
  if (length < 0) throw damagedPickle(`a value has the length ${length}`);
  return length;
}

function place(machine: PickleMachine): number {
  const number = parseInteger(machine.reader.line());
  if (typeof number !== 'number') throw damagedPickle('it remembers a value under no number');
  return number;
}
