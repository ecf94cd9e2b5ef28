/** What shape rules promise is what the engine returns. */
import { expect, it } from "vitest";
import { type Device, openDevice } from "../../src/runtime/device.ts";
import { cases } from "./cases.ts";
import { outputsOf, runCase } from "./run-case.ts";

// plain fetches, so that the shapes are the engine's own
const device: Device = { ...(await openDevice("cpu")), fillsArrays: false };

it.each(cases.map((test) => [test.name, test] as const))("%s", async (_, test) => {
  const results = await runCase(device, test, { gradients: true });
  const returned = Object.entries(results).map(([name, { dims }]) => [name, [...dims]]);
  const inferred = Object.entries(outputsOf(test, true)).map(([name, { shape }]) => [name, shape]);
  expect(returned).toEqual(inferred);
});
