/** What a long-running program must be able to rely on: stopping, and neighbours. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Picture } from "../images/picture.ts";
import { readPicture } from "../images/read.ts";
import { openDevice } from "../runtime/device.ts";
import { load } from "../systems/load.ts";
import { varPresets } from "../systems/var-presets.ts";
import { randomVar } from "./random-model.ts";

const device = await openDevice("cpu");
let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordo-processes-"));
  model = await randomVar(folder, "tiny", varPresets.tiny.config);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("drawing", () => {
  it("stops before the next step when it is cancelled, and can go on afterwards", async () => {
    const loaded = await load(model, device);
    const ids = async (signal?: AbortSignal, onStep?: (step: number) => void) => {
      const drawn: Int32Array[] = [];
      for await (const step of loaded.steps(1, { seed: 3, ...(signal && { signal }) })) {
        drawn.push(step.ids!);
        onStep?.(step.step);
      }
      return drawn;
    };
    const whole = await ids();
    const controller = new AbortController();
    const seen: number[] = [];
    const stopped = ids(controller.signal, (step) => {
      seen.push(step);
      if (step === 2) controller.abort(new Error("enough"));
    });
    await expect(stopped).rejects.toThrow("enough");
    expect(seen).toEqual([0, 1, 2]);
    // a cancelled picture leaves nothing behind
    expect(await ids()).toEqual(whole);
    await loaded.close();
  });

  it("gives in two processes at once what it gives in one alone", async () => {
    const loaded = await load(model, device);
    const { picture } = await loaded.draw(1, { seed: 5, guidance: 3 });
    await loaded.close();
    const both = await Promise.all(["a", "b"].map((name) => generate(join(folder, `${name}.png`))));
    for (const { data } of both) expect(Buffer.compare(data, picture.data)).toBe(0);
  });
});

/** A picture, drawn by a process of its own. */
async function generate(output: string): Promise<Picture> {
  const bin = fileURLToPath(new URL("../cli/bin.ts", import.meta.url));
  const words = ["-m", model, "--class", "1", "--seed", "5", "--guidance", "3", "--quiet"];
  const argv = ["--import", "tsx", bin, "generate", ...words, "-o", output];
  const child = spawn(process.execPath, argv, {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(code).toBe(0);
  return readPicture(output);
}
