/** What `ordo doctor` looks at, one check a record. Nothing here needs a graph. */
import { constants } from "node:fs";
import { access, mkdir, statfs } from "node:fs/promises";
import { cpus, freemem, totalmem } from "node:os";
import { cacheFolder } from "../../cache-folder.ts";
import { drawableModels, packageVersion } from "../folders.ts";

/** `absent` is what a machine may well do without. */
export type State = "ok" | "absent" | "warning" | "failed";

export interface Finding {
  readonly state: State;
  /** One line for people. */
  readonly detail: string;
  readonly hint?: string;
  /** Figures for `--json`, with units in their names. */
  readonly values?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

export interface Check {
  readonly name: string;
  /** A check that throws has failed. */
  run(env: Readonly<Record<string, string | undefined>>): Promise<Finding>;
}

const gigabyte = 2 ** 30;

export const plainChecks: readonly Check[] = [
  { name: "ordo", run: async () => ok(packageVersion(), { version: packageVersion() }) },
  { name: "node", run: async () => checkNode(process.versions.node) },
  { name: "engine", run: checkEngine },
  { name: "pictures", run: checkPictures },
  { name: "processor", run: checkProcessor },
  { name: "memory", run: async () => checkMemory(freemem(), totalmem()) },
  { name: "cache folder", run: checkCache },
  { name: "disk", run: checkDisk },
  { name: "models", run: checkModels },
];

/** @param version as in `process.versions.node`. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 9)) return ok(version, { version });
  return {
    state: "failed",
    detail: `${version} is too old`,
    hint: "Install Node 20.9 or later.",
    values: { version },
  };
}

export function checkMemory(freeBytes: number, totalBytes: number): Finding {
  const detail = `${gigabytes(freeBytes)} free of ${gigabytes(totalBytes)}`;
  const values = { freeBytes, totalBytes };
  if (freeBytes >= gigabyte) return ok(detail, values);
  return { state: "warning", detail, values, hint: "Close other programs before training." };
}

async function checkEngine(): Promise<Finding> {
  const { env, listSupportedBackends } = await import("onnxruntime-node");
  const version = env.versions.node ?? env.versions.common;
  const backends = listSupportedBackends().filter(({ bundled }) => bundled);
  const providers = backends.map(({ name }) => name);
  const detail = `onnxruntime-node ${version} (${providers.join(", ")})`;
  return ok(detail, { version, providers });
}

async function checkPictures(): Promise<Finding> {
  const { default: sharp } = await import("sharp");
  const { sharp: version = "?", vips = "?" } = sharp.versions;
  return ok(`sharp ${version}, libvips ${vips}`, { version, vips });
}

async function checkProcessor(): Promise<Finding> {
  const cores = cpus();
  const model = cores[0]?.model.trim() || "unknown";
  const detail = `${cores.length} threads, ${process.arch}, ${model}`;
  return ok(detail, { threads: cores.length, architecture: process.arch, model });
}

async function checkCache(env: Readonly<Record<string, string | undefined>>): Promise<Finding> {
  const folder = cacheFolder(env);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch {
    const hint = "Set ORDO_HOME to a folder that can be written.";
    return { state: "failed", detail: `${folder} cannot be written`, hint, values: { folder } };
  }
  return ok(`${folder} can be written`, { folder });
}

async function checkDisk(): Promise<Finding> {
  const { bavail, bsize } = await statfs(".");
  const freeBytes = bavail * bsize;
  const detail = `${gigabytes(freeBytes)} free in this folder`;
  if (freeBytes >= gigabyte) return ok(detail, { freeBytes });
  const hint = "Checkpoints of a training run may not fit.";
  return { state: "warning", detail, hint, values: { freeBytes } };
}

async function checkModels(): Promise<Finding> {
  const names = drawableModels();
  if (names.length > 0) return ok(names.join(", "), { names });
  const hint = "Pass a model folder with --model.";
  return { state: "warning", detail: "none came with this package", hint, values: { names } };
}

function ok(detail: string, values: NonNullable<Finding["values"]>): Finding {
  return { state: "ok", detail, values };
}

function gigabytes(bytes: number): string {
  return `${(bytes / gigabyte).toFixed(1)} GB`;
}
