/** The suites of this folder, for every system of the catalogue. */
import { expect, test } from "vitest";
import { openDevice } from "../../src/runtime/device.ts";
import { systems } from "../../src/systems/index.ts";
import { cacheSuite } from "./cache-suite.ts";
import { samplingSuite } from "./sampling-suite.ts";
import { storageSuite } from "./storage-suite.ts";
import { compose, tinySystems } from "./tiny-systems.ts";
import { tokenizerSuite, trainingSuite } from "./training-suite.ts";

// one thread: a second one costs more than it helps at this size
const device = await openDevice("cpu", { threads: 1 });

test("every system of the catalogue is among those tested", () => {
  const tested = new Set(tinySystems.map(({ system }) => system));
  expect(systems.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
});

const tokenizers = new Set<string>();

for (const system of tinySystems) {
  samplingSuite(device, system);
  cacheSuite(device, system);
  storageSuite(device, system);
  trainingSuite(device, system);
  const composition = compose(system);
  const sizes = JSON.stringify(composition.tokenizer);
  if (!tokenizers.has(sizes)) tokenizerSuite(device, system.name, composition);
  tokenizers.add(sizes);
}
