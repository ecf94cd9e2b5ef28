/**
 * Memory for stored results that grow from run to run, such as key-value caches. Those of a chain, as
 * of the layers of a network, have places large enough for their longest values, and one more: each is
 * written where the one before it in the chain lay, which has been read by then. New memory for every
 * length is cleared by the system page by page, and given back to it.
 *
 * After a run that failed the values of a chain are void: some may have been written over.
 */
import type { Dtype, TypedArray } from "../graph/dtype.ts";
import { unfilled } from "./unfilled.ts";

interface Chain {
  readonly names: readonly string[];
  readonly dtype: Dtype;
  readonly elements: number;
  /** Made when they are first needed; at most one more than there are names. */
  readonly places: TypedArray[];
  /** Where the last value of a name was put. */
  readonly owned: Map<string, TypedArray>;
}

export class ResultRooms {
  readonly #chains = new Map<string, Chain>();

  /**
   * Makes room for the stored values of a chain, of up to so many elements each; again for the same,
   * nothing changes. Functions that write them must say that they are a chain (`CompileOptions`).
   */
  reserve(names: readonly string[], dtype: Dtype, elements: number): void {
    const known = this.#chains.get(names[0]!);
    const same = known?.names.join() === names.join();
    if (same && known.dtype === dtype && known.elements === elements) return;
    const chain: Chain = { names, dtype, elements, places: [], owned: new Map() };
    for (const name of names) this.#chains.set(name, chain);
  }

  /**
   * A view of `count` elements for the next value of a name, of whatever numbers lie there, where no
   * name of the chain has its last value; undefined where nothing was reserved, or less. In each run
   * the names are asked for in their order.
   */
  view(name: string, dtype: Dtype, count: number): TypedArray | undefined {
    const chain = this.#chains.get(name);
    if (!chain || chain.dtype !== dtype || count > chain.elements) return undefined;
    const taken = new Set(chain.owned.values());
    let free = chain.places.find((place) => !taken.has(place));
    if (!free) {
      free = unfilled(dtype, chain.elements);
      chain.places.push(free);
    }
    chain.owned.set(name, free);
    return free.subarray(0, count);
  }
}
