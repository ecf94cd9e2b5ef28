/** Whether a folder is free for a run: nothing that was trained is ever overwritten. */
import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { ConfigError } from "../errors.ts";
import { newestCheckpoint } from "../training/run-checkpoint.ts";

/**
 * Notes where a run that was to be resumed starts anew.
 *
 * @throws ConfigError if the folder holds what the run would overwrite.
 */
export async function requireFreeFolder(
  folder: string,
  { resume, onNote }: { readonly resume: boolean; readonly onNote?: (line: string) => void },
): Promise<void> {
  const there = await stat(folder).catch(() => null);
  if (there && !there.isDirectory()) {
    throw new ConfigError({ where: folder, expected: "a folder for the run", got: "a file" });
  }
  const checkpoint = await newestCheckpoint(folder);
  if (checkpoint && resume) return;
  const model = (await isThere(join(folder, "model", "config.json"))) ? "model" : null;
  const log = (await holdsText(join(folder, "log.jsonl"))) ? "log.jsonl" : null;
  const found = checkpoint ? basename(checkpoint) : (model ?? (resume ? null : log));
  if (found) {
    throw new ConfigError({
      where: folder,
      expected: "a folder without a run",
      got: `one with ${found}`,
      hint:
        checkpoint || log === found
          ? "Go on with --resume, or name another folder with --out."
          : "Name another folder with --out.",
    });
  }
  if (resume) onNote?.(`${folder} holds no checkpoint: the run starts anew`);
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

async function holdsText(path: string): Promise<boolean> {
  return (await readFile(path).catch(() => "")).length > 0;
}
