/** Runs a small graph once on the CPU. */
import type { Tensor } from "../../src/graph/node.ts";
import { openDevice } from "../../src/runtime/device.ts";
import { type CompileOptions, compile, type Feed } from "../../src/runtime/function.ts";

const device = openDevice("cpu");

export async function evaluate(
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Readonly<Record<string, Feed>> = {},
  options: CompileOptions = {},
): Promise<Record<string, number[]>> {
  const fn = await compile(await device, "evaluate", outputs, options);
  try {
    const results = Object.entries(await fn.run(feeds));
    return Object.fromEntries(
      results.map(([name, { data }]) => [
        name,
        Array.from(data as Iterable<number | bigint>, Number),
      ]),
    );
  } finally {
    await fn.release();
  }
}
