/** Finding the weights in what a training program saved beside them. */

import { CheckpointError } from "../../errors.ts";
import {
  kindOf,
  type PickleDict,
  PickleObject,
  PickleTensor,
  type PickleValue,
  shortName,
} from "./pickle-values.ts";

/** A dict of tensors inside a file. */
export interface StateDict {
  /** Dotted path from the top: `trainer.var_wo_ddp`; empty for the top itself. */
  readonly key: string;
  readonly value: PickleValue;
  /** Tensors that it holds directly. */
  readonly tensors: number;
}

/** Deeper than any module tree; a pickle may hold itself, and would have no bottom. */
const DEEPEST = 64;
/** Values looked at: shared parts of a pickle can be met again on exponentially many ways. */
const MOST_VISITS = 1_000_000;
const MOST_FACTS = 200;
const MOST_FACT_VISITS = 20_000;
/** How deep trainers put the dicts that people ask for. */
const DEEPEST_DICT = 4;

/**
 * The dicts of tensors, outermost first; those of optimisers, whose keys are numbers, are none.
 *
 * @throws CheckpointError if the file is nested without end.
 */
export function stateDicts(root: PickleValue, where: string): StateDict[] {
  const visits = visitLimit(where);
  const search = (value: PickleValue, path: readonly string[]): StateDict[] => {
    if (!(value instanceof Map) || path.length > DEEPEST_DICT) return [];
    let tensors = 0;
    const inner: StateDict[] = [];
    for (const [key, item] of value) {
      visits();
      if (typeof key !== "string") continue;
      if (item instanceof PickleTensor) tensors++;
      else inner.push(...search(item, [...path, key]));
    }
    // counters and states of generators may be tensors too, beside the dicts of weights
    const most = inner.reduce((sum, dict) => sum + dict.tensors, 0);
    if (tensors === 0 || most >= tensors) return inner;
    return [{ key: path.join("."), value, tensors }];
  };
  return search(root, []);
}

/** What lies at a dotted path, or undefined; keys may hold dots themselves. */
export function valueAt(root: PickleValue, key: string): PickleValue | undefined {
  if (key === "") return root;
  for (const dict of dictsOf(root)) {
    if (dict.has(key)) return dict.get(key);
    for (let dot = key.indexOf("."); dot >= 0; dot = key.indexOf(".", dot + 1)) {
      const child = dict.get(key.slice(0, dot));
      const found = child === undefined ? undefined : valueAt(child, key.slice(dot + 1));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** All tensors below a value by their dotted names. @throws CheckpointError if it has no end. */
export function tensorsBelow(root: PickleValue, where: string): Map<string, PickleTensor> {
  const found = new Map<string, PickleTensor>();
  const visits = visitLimit(where);
  const walk = (value: PickleValue, name: string, depth: number): void => {
    if (value instanceof PickleTensor) {
      if (found.has(name)) {
        const got = `${JSON.stringify(shortName(name))} twice`;
        throw new CheckpointError({ where, expected: "every tensor once", got });
      }
      found.set(name, value);
      return;
    }
    for (const [key, item] of childrenOf(value)) {
      visits();
      if (!mayHoldTensors(item)) continue;
      if (depth >= DEEPEST) {
        const expected = `at most ${DEEPEST} levels of nesting`;
        throw new CheckpointError({ where, expected, got: `more at ${shortName(name)}` });
      }
      walk(item, name === "" ? key : `${name}.${key}`, depth + 1);
    }
  };
  walk(root, "", 0);
  return found;
}

/** Numbers and texts beside the weights: epochs, settings of the training. */
export function plainFacts(root: PickleValue): Map<string, string> {
  const facts = new Map<string, string>();
  let visits = 0;
  const collect = (value: PickleValue, name: string, depth: number): void => {
    for (const [key, item] of childrenOf(value)) {
      if (facts.size >= MOST_FACTS || ++visits > MOST_FACT_VISITS) return;
      const path = name === "" ? key : `${name}.${key}`;
      if (typeof item === "string" || typeof item === "number" || typeof item === "boolean") {
        facts.set(path, shortName(String(item)));
      } else if (depth < 3) collect(item, path, depth + 1);
    }
  };
  // lists hold parameter groups and histories, not facts
  if (root instanceof Map) {
    collect(new Map([...root].filter(([, item]) => !Array.isArray(item))), "", 0);
  }
  return facts;
}

function mayHoldTensors(value: PickleValue): boolean {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}

function* childrenOf(value: PickleValue): Generator<readonly [key: string, PickleValue]> {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield [String(i), item];
  for (const dict of dictsOf(value)) for (const [key, item] of dict) yield [wordOf(key), item];
}

/** A dict itself, or what an object of a class holds: items and attributes. */
function dictsOf(value: PickleValue): PickleDict[] {
  if (value instanceof Map) return [value];
  if (!(value instanceof PickleObject)) return [];
  return [value.items, value.state].filter((part) => part instanceof Map);
}

function wordOf(key: PickleValue): string {
  if (typeof key === "string") return key;
  return typeof key === "number" || typeof key === "bigint" ? String(key) : kindOf(key);
}

function visitLimit(where: string): () => void {
  let visits = 0;
  return () => {
    if (++visits > MOST_VISITS) {
      const expected = `at most ${MOST_VISITS} nested values`;
      throw new CheckpointError({ where, expected, got: "more" });
    }
  };
}
