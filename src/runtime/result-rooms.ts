/**
 * Memory for stored results that grow from run to run, such as key-value caches: two places for each,
 * large enough for the longest, which take turns. New memory for every length is cleared by the system
 * page by page, and given back to it.
 */
import type { Dtype, TypedArray } from "../graph/dtype.ts";
import { unfilled } from "./unfilled.ts";

interface Room {
  readonly dtype: Dtype;
  readonly elements: number;
  /** Made when they are first needed. */
  readonly places: TypedArray[];
}

export class ResultRooms {
  readonly #rooms = new Map<string, Room>();

  /** Makes room for a stored value of up to so many elements; again for the same, nothing changes. */
  reserve(name: string, dtype: Dtype, elements: number): void {
    const known = this.#rooms.get(name);
    if (known?.dtype === dtype && known.elements === elements) return;
    this.#rooms.set(name, { dtype, elements, places: [] });
  }

  /**
   * A view of `count` elements that does not overlap `taken`, of whatever numbers lie there; undefined
   * where nothing was reserved, or less.
   */
  view(name: string, dtype: Dtype, count: number, taken?: ArrayBufferLike): TypedArray | undefined {
    const room = this.#rooms.get(name);
    if (!room || room.dtype !== dtype || count > room.elements) return undefined;
    let free = room.places.find(({ buffer }) => buffer !== taken);
    if (!free) {
      free = unfilled(dtype, room.elements);
      room.places.push(free);
    }
    return free.subarray(0, count);
  }
}
