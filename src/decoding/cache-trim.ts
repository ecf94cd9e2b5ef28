/** Makes a key-value cache forget what its policy does not keep. */
import { type CachePolicy, kept } from "../caches/policy.ts";
import { allocate } from "../graph/dtype.ts";
import type { Order } from "../orders/order.ts";
import type { Device } from "../runtime/device.ts";
import type { DeviceState } from "../runtime/handle.ts";

/**
 * Trims the named caches [R, H, T, D] before step `step`; `held` says which steps' rows they hold.
 *
 * @returns the steps whose rows are left.
 */
export async function trimCache(
  device: Device,
  state: DeviceState,
  names: readonly string[],
  { steps }: Order,
  { policy, step, held }: { policy: CachePolicy; step: number; held: readonly number[] },
): Promise<number[]> {
  const left = kept(policy, step).filter((k) => held.includes(k));
  if (left.length === held.length) return left;
  const rows = held.flatMap((k) => Array<boolean>(steps[k]!.count).fill(left.includes(k)));
  for (const name of names) {
    const { dtype } = state.get(name)!;
    const { data, dims } = await device.download(state.get(name)!);
    const [batch, heads, length, width] = dims as [number, number, number, number];
    const count = rows.filter(Boolean).length;
    const part = allocate(dtype, batch * heads * count * width) as Float32Array;
    let offset = 0;
    for (let block = 0; block < batch * heads; block++) {
      for (let row = 0; row < length; row++) {
        if (!rows[row]) continue;
        const from = (block * length + row) * width;
        part.set((data as Float32Array).subarray(from, from + width), offset);
        offset += width;
      }
    }
    state.set(name, await device.upload(dtype, [batch, heads, count, width], part));
  }
  return left;
}
