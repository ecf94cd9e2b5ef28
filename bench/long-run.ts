/**
 * Many pictures in one process: memory must stay flat. Prints the resident memory as it goes and ends
 * with exit code 1 if after the last picture it is more than 5 % above what it was after 20. It may
 * fall: what loading left behind is collected at some point.
 *
 *   npx tsx bench/long-run.ts [model] [pictures]
 */
import { openDevice } from "../src/runtime/device.ts";
import { load } from "../src/systems/load.ts";

const [name = "emoji-var", count = "200"] = process.argv.slice(2);
const SETTLED = 20;
const TOLERANCE = 0.05;

const device = await openDevice("cpu");
const model = await load(name, device);
const request = model.composition.conditioning.accepts.kind === "classes" ? 1 : "red apple";
let before = 0;
let now = 0;
for (let i = 1; i <= Number(count); i++) {
  await model.draw(request, { seed: i });
  now = process.memoryUsage.rss();
  if (i === SETTLED) before = now;
  if (i % SETTLED === 0) console.log(`after ${i} pictures: ${(now / 1e6).toFixed(1)} MB`);
}
await model.close();
await device.close();
const growth = now / before - 1;
const flat = growth <= TOLERANCE;
const words = `${growth < 0 ? "fell" : "grew"} by ${(100 * Math.abs(growth)).toFixed(1)} %`;
const limit = `${100 * TOLERANCE} %`;
console.log(
  `since ${SETTLED} it ${words}; it may grow by ${limit}: ${flat ? "reached" : "missed"}`,
);
process.exitCode = flat ? 0 : 1;
