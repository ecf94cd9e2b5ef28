/**
 * Pickles as data: the opcodes that PyTorch writes (protocols 2 to 5), without their side effects.
 * GLOBAL yields a name, REDUCE and NEWOBJ yield what `callGlobal` makes of it, BUILD fills a record.
 */

import { CheckpointError } from "../../errors.ts";
import { callGlobal, globalName, isAllowed, PickleMismatch, persistentStorage } from "./globals.ts";
import { PickleMachine } from "./pickle-machine.ts";
import {
  kindOf,
  type PickleDict,
  PickleGlobal,
  PickleObject,
  PickleTensor,
  type PickleValue,
} from "./pickle-values.ts";

export interface Unpickled {
  readonly value: PickleValue;
  /** Position behind the pickle. */
  readonly end: number;
  /** Globals that are not on the list; they became records like any other. */
  readonly unknown: readonly string[];
}

/** Numbers longer than this are no sizes, seeds or states of generators. */
const LONGEST_INTEGER = 1024;
const NEWEST_PROTOCOL = 5;

/**
 * Reads one pickle from `start` on.
 *
 * @throws CheckpointError naming `where`, the opcode and its position, for whatever is wrong.
 */
export function unpickle(bytes: Uint8Array, where: string, start = 0): Unpickled {
  const machine = new PickleMachine(bytes, start);
  for (;;) {
    const at = machine.position;
    let code = -1;
    try {
      code = machine.byte();
      if (code === STOP) {
        const value = machine.pop();
        return { value, end: machine.position, unknown: [...machine.unknown] };
      }
      step(machine, code);
    } catch (error) {
      if (!(error instanceof PickleMismatch)) throw error;
      const { expected, got } = error;
      throw new CheckpointError({
        where: `${where}, byte ${at}${code < 0 ? "" : ` (${nameOf(code)})`}`,
        expected,
        got,
        hint: "The file is damaged or was not written by torch.save",
      });
    }
  }
}

function step(machine: PickleMachine, code: number): void {
  const opcode = OPCODES.get(code);
  if (!opcode) throw new PickleMismatch("an opcode of torch.save", nameOf(code));
  opcode.run(machine);
}

function nameOf(code: number): string {
  const known = OPCODES.get(code)?.name ?? REFUSED.get(code);
  const hex = `0x${code.toString(16).padStart(2, "0")}`;
  return known ? `opcode ${known}` : `opcode ${hex}`;
}

type Run = (machine: PickleMachine) => void;
type Row = readonly [code: number, name: string, run: Run];

const STOP = 0x2e;

const numbers: readonly Row[] = [
  [0x4e, "NONE", (m) => m.push(null)],
  [0x88, "NEWTRUE", (m) => m.push(true)],
  [0x89, "NEWFALSE", (m) => m.push(false)],
  [0x4a, "BININT", (m) => m.push(m.int32())],
  [0x4b, "BININT1", (m) => m.push(m.byte())],
  [0x4d, "BININT2", (m) => m.push(m.uint16())],
  [0x8a, "LONG1", (m) => m.push(integer(m.take(m.byte())))],
  [0x8b, "LONG4", (m) => m.push(integer(m.take(m.uint32())))],
  [0x47, "BINFLOAT", (m) => m.push(m.float64())],
];

const texts: readonly Row[] = [
  [0x58, "BINUNICODE", (m) => m.push(m.text(m.uint32()))],
  [0x8c, "SHORT_BINUNICODE", (m) => m.push(m.text(m.byte()))],
  [0x8d, "BINUNICODE8", (m) => m.push(m.text(m.uint64()))],
  // texts of Python 2
  [0x54, "BINSTRING", (m) => m.push(m.text(m.uint32()))],
  [0x55, "SHORT_BINSTRING", (m) => m.push(m.text(m.byte()))],
  [0x42, "BINBYTES", (m) => m.make(m.take(m.uint32()))],
  [0x43, "SHORT_BINBYTES", (m) => m.make(m.take(m.byte()))],
  [0x8e, "BINBYTES8", (m) => m.make(m.take(m.uint64()))],
  [0x96, "BYTEARRAY8", (m) => m.make(m.take(m.uint64()))],
];

const containers: readonly Row[] = [
  [0x5d, "EMPTY_LIST", (m) => m.make([])],
  [0x29, "EMPTY_TUPLE", (m) => m.make([])],
  [0x7d, "EMPTY_DICT", (m) => m.make(new Map())],
  [0x8f, "EMPTY_SET", (m) => m.make(new PickleObject("builtins.set", []))],
  [0x85, "TUPLE1", (m) => m.make(popMany(m, 1))],
  [0x86, "TUPLE2", (m) => m.make(popMany(m, 2))],
  [0x87, "TUPLE3", (m) => m.make(popMany(m, 3))],
  [0x74, "TUPLE", (m) => m.make(m.popMark())],
  [0x6c, "LIST", (m) => m.make(m.popMark())],
  [0x64, "DICT", (m) => makeDict(m)],
  [0x91, "FROZENSET", (m) => m.make(new PickleObject("builtins.frozenset", [m.popMark()]))],
  [0x61, "APPEND", (m) => append(m, [m.pop()])],
  [0x65, "APPENDS", (m) => append(m, m.popMark())],
  [0x90, "ADDITEMS", (m) => append(m, m.popMark())],
  [0x73, "SETITEM", (m) => setItems(m, popMany(m, 2))],
  [0x75, "SETITEMS", (m) => setItems(m, m.popMark())],
];

const stack: readonly Row[] = [
  [0x28, "MARK", (m) => m.mark()],
  [0x30, "POP", (m) => (m.atMark ? m.popMark() : m.pop())],
  [0x31, "POP_MARK", (m) => m.popMark()],
  [0x32, "DUP", (m) => m.push(m.top())],
  [0x71, "BINPUT", (m) => m.remember(m.byte())],
  [0x72, "LONG_BINPUT", (m) => m.remember(m.uint32())],
  [0x94, "MEMOIZE", (m) => m.remember(m.memo.size)],
  [0x68, "BINGET", (m) => m.recall(m.byte())],
  [0x6a, "LONG_BINGET", (m) => m.recall(m.uint32())],
  [0x95, "FRAME", (m) => m.uint64()],
  [0x80, "PROTO", (m) => requireProtocol(m.byte())],
];

const objects: readonly Row[] = [
  [0x63, "GLOBAL", (m) => pushGlobal(m, m.line(), m.line())],
  [0x93, "STACK_GLOBAL", (m) => stackGlobal(m)],
  [0x52, "REDUCE", (m) => call(m, m.pop())],
  [0x81, "NEWOBJ", (m) => call(m, m.pop())],
  [0x92, "NEWOBJ_EX", (m) => callWithKeywords(m)],
  [0x62, "BUILD", (m) => build(m)],
  [0x51, "BINPERSID", (m) => m.make(persistentStorage(m.pop()))],
];

const OPCODES: ReadonlyMap<number, { readonly name: string; readonly run: Run }> = new Map(
  [...numbers, ...texts, ...containers, ...stack, ...objects].map(([code, name, run]) => [
    code,
    { name, run },
  ]),
);

/** Known to Python and never written by torch.save: they get a name in the error. */
const REFUSED: ReadonlyMap<number, string> = new Map([
  [0x49, "INT"],
  [0x4c, "LONG"],
  [0x46, "FLOAT"],
  [0x53, "STRING"],
  [0x56, "UNICODE"],
  [0x50, "PERSID"],
  [0x67, "GET"],
  [0x70, "PUT"],
  [0x69, "INST"],
  [0x6f, "OBJ"],
  [0x82, "EXT1"],
  [0x83, "EXT2"],
  [0x84, "EXT4"],
  [0x97, "NEXT_BUFFER"],
  [0x98, "READONLY_BUFFER"],
]);

/** Little-endian two's complement; a number where it is exact. */
function integer(bytes: Uint8Array): number | bigint {
  if (bytes.length > LONGEST_INTEGER) {
    throw new PickleMismatch(`an integer of at most ${LONGEST_INTEGER} bytes`, `${bytes.length}`);
  }
  if (bytes.length === 0) return 0;
  const digits = Buffer.from(bytes).reverse().toString("hex");
  const value = BigInt.asIntN(8 * bytes.length, BigInt(`0x${digits}`));
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

function popMany(machine: PickleMachine, count: 1 | 2 | 3): PickleValue[] {
  const values = Array.from({ length: count }, () => machine.pop());
  return values.reverse();
}

function makeDict(machine: PickleMachine): void {
  const items = machine.popMark();
  const made: PickleDict = new Map();
  machine.make(made);
  setPairs((key, value) => made.set(key, value), items);
}

function append(machine: PickleMachine, items: readonly PickleValue[]): void {
  const target = machine.top();
  if (Array.isArray(target)) {
    for (const item of items) target.push(item);
  } else if (target instanceof PickleObject) {
    for (const item of items) target.setItem(target.itemCount, item);
  } else throw new PickleMismatch("a list to append to", kindOf(target));
}

function setItems(machine: PickleMachine, items: readonly PickleValue[]): void {
  const target = machine.top();
  if (target instanceof Map) setPairs((key, value) => target.set(key, value), items);
  else if (target instanceof PickleObject) setPairs((k, v) => target.setItem(k, v), items);
  else throw new PickleMismatch("a dict to put items into", kindOf(target));
}

function setPairs(
  set: (key: PickleValue, value: PickleValue) => void,
  items: readonly PickleValue[],
): void {
  if (items.length % 2 !== 0) throw new PickleMismatch("a value for every key", "one too few");
  for (let i = 0; i < items.length; i += 2) set(items[i]!, items[i + 1]!);
}

function requireProtocol(protocol: number): void {
  if (protocol > NEWEST_PROTOCOL) {
    throw new PickleMismatch(`a protocol up to ${NEWEST_PROTOCOL}`, String(protocol));
  }
}

function pushGlobal(machine: PickleMachine, module: string, name: string): void {
  const full = globalName(module, name);
  if (!isAllowed(full)) machine.unknown.add(full);
  machine.make(new PickleGlobal(full));
}

function stackGlobal(machine: PickleMachine): void {
  const [module, name] = popMany(machine, 2);
  if (typeof module !== "string" || typeof name !== "string") {
    throw new PickleMismatch("the names of a module and a class", kindOf(module));
  }
  pushGlobal(machine, module, name);
}

function call(machine: PickleMachine, args: PickleValue): void {
  const callee = machine.pop();
  if (!Array.isArray(args)) throw new PickleMismatch("a tuple of arguments", kindOf(args));
  if (callee instanceof PickleGlobal) {
    machine.make(callGlobal(callee.name, args, (count) => machine.spend(count)));
  } else throw new PickleMismatch("a class or function by name", kindOf(callee));
}

function callWithKeywords(machine: PickleMachine): void {
  const keywords = machine.pop();
  const args = machine.pop();
  call(machine, args);
  const made = machine.top();
  if (made instanceof PickleObject) made.state = keywords;
}

/** State of containers and tensors is attributes that carry no weights, such as `_metadata`. */
function build(machine: PickleMachine): void {
  const state = machine.pop();
  const target = machine.top();
  if (target instanceof PickleObject) target.state = state;
  else if (!(target instanceof Map || target instanceof PickleTensor || Array.isArray(target))) {
    throw new PickleMismatch("an object to fill", kindOf(target));
  }
}
