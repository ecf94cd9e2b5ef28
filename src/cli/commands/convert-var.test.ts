import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyOfficialVar } from "../../../test/checkpoints/official-var-file.ts";
import { writeTorchFile } from "../../../test/checkpoints/torch-file.ts";
import { withFolder } from "../../../test/data/fixtures.ts";
import { varSystem } from "../../systems/var.ts";
import { openVarParts } from "./convert-parts.ts";
import { matchVar } from "./convert-var.ts";

const released = Object.entries(varSystem.presets).filter(([name]) => name !== "tiny");

describe("official files of full size", () => {
  // the exact counts of the paper's code: transformer and tokenizer together
  it.each(released)(
    "%s is told from its keys and shapes, and every key fits",
    async (name, config) => {
      await withFolder(async (folder) => {
        const { var: transformer, vqvae } = emptyOfficialVar(config);
        const paths = [join(folder, "var.pth"), join(folder, "vae.pth")] as const;
        await writeTorchFile(paths[0], transformer.value, transformer.storages, { zip64: true });
        await writeTorchFile(paths[1], vqvae.value, vqvae.storages);
        const before = process.memoryUsage().rss;
        const parts = await openVarParts(paths);
        const matched = await matchVar(parts);
        expect(matched.preset).toBe(name);
        expect({ ...matched.config, gainInit: 0 }).toEqual({ ...config, gainInit: 0 });
        const { entries, read } = matched.sources[1]!;
        expect((await read("startPosition")).data.length).toBe(config.width);
        expect(entries.length).toBe(Object.keys(transformer.value).length);
        await parts.transformer!.file.close();
        await parts.tokenizer!.file.close();
        expect((await stat(paths[0])).size).toBeGreaterThan(1.2e9);
        expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
      });
    },
  );
});
