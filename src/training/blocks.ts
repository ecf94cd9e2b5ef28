/**
 * The optimiser's view of the parameters: a few long vectors instead of one tensor a parameter.
 *
 * Every step of the optimiser is elementwise and waits for memory, so what counts is how much of a
 * chain of passes stays in the caches: blocks of 512 K numbers take 0.7 of the time of a
 * transformer's own tensors. Where a device fills given arrays, parameters and their moments
 * are therefore views into one array each, and the optimiser gets other views into the same arrays.
 * Muon needs matrices as they are: its parameters lie in the arrays too, but in no block.
 */
import type { UpdateRule } from "./optimizer.ts";

/** A stretch of all parameters laid end to end. */
export interface Block {
  readonly name: string;
  /** Of the first number, in numbers. */
  readonly offset: number;
  readonly length: number;
  /** Whether weight decay applies, to all of it. */
  readonly decays: boolean;
}

/** Where a parameter lies. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

export interface Layout {
  /** Numbers in all. */
  readonly length: number;
  readonly places: ReadonlyMap<string, Place>;
  readonly blocks: readonly Block[];
}

/** 2 MB of one kind of number: measured best among 256 K to 2 M (see bench/README.md). */
const BLOCK_LENGTH = 512 * 1024;

/**
 * Lays parameters end to end, those that decay first and Muon's last, and cuts the first two groups into
 * blocks.
 *
 * @param sizes path → how many numbers the parameter has.
 */
export function layOut(
  sizes: ReadonlyMap<string, number>,
  ruleOf: (path: string) => UpdateRule,
  blockLength: number = BLOCK_LENGTH,
): Layout {
  const places = new Map<string, Place>();
  const blocks: Block[] = [];
  let end = 0;
  const placeAll = (belongs: (rule: UpdateRule) => boolean) => {
    for (const [path, length] of sizes) {
      if (!belongs(ruleOf(path))) continue;
      places.set(path, { offset: end, length });
      end += length;
    }
  };
  for (const group of [true, false]) {
    const start = end;
    placeAll(({ decays, muon }) => !muon && decays === group);
    for (let offset = start; offset < end; offset += blockLength) {
      const length = Math.min(blockLength, end - offset);
      blocks.push({ name: `block ${blocks.length}`, offset, length, decays: group });
    }
  }
  placeAll(({ muon }) => muon);
  return { length: end, places, blocks };
}
