/** A picture from nothing: the program started on weights on the disk, until the file is there. */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DeviceError } from "../errors.ts";

export interface ColdStart {
  /** From the start of the process to its end, with the picture written. */
  readonly ms: number;
  /** Largest resident set of the process, in bytes; null where the system does not tell. */
  readonly peakBytes: number | null;
}

/** The program that is running now: `dist/cli/bin.js`, or its source under a loader. */
export const thisProgram: readonly string[] = [
  process.execPath,
  ...process.execArgv,
  fileURLToPath(new URL(`../cli/bin${extname(import.meta.url)}`, import.meta.url)),
];

/**
 * How often the memory of the process is looked at; the system itself keeps the largest value. Each look
 * takes milliseconds of a core that the process could use.
 */
const LOOK_MS = 500;

/**
 * Runs `ordo generate` with these words in a process of its own. The picture is thrown away.
 *
 * @throws DeviceError if it fails, with its last line.
 */
export async function coldStart(
  words: readonly string[],
  { program = thisProgram, signal }: { program?: readonly string[]; signal?: AbortSignal } = {},
): Promise<ColdStart> {
  const folder = await mkdtemp(join(tmpdir(), "ordo-cold-"));
  try {
    const output = join(folder, "picture.png");
    const [command, ...own] = program as [string, ...string[]];
    const start = performance.now();
    const child = spawn(command, [...own, "generate", ...words, "-o", output, "--quiet"], {
      stdio: ["ignore", "ignore", "pipe"],
      ...(signal && { signal }),
    });
    let complaint = "";
    child.stderr.on("data", (text) => {
      complaint += text;
    });
    let peak: number | null = null;
    const look = setInterval(async () => {
      for (const pid of await family(child.pid!)) {
        const bytes = await residentPeak(pid);
        if (bytes !== null) peak = Math.max(peak ?? 0, bytes);
      }
    }, LOOK_MS);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    }).finally(() => clearInterval(look));
    const ms = performance.now() - start;
    if (code !== 0 || !(await stat(output).catch(() => null))) {
      const got = complaint.trim().split("\n").at(-1) || `exit code ${code}`;
      throw new DeviceError({ where: "ordo generate", expected: "a picture", got });
    }
    return { ms, peakBytes: peak };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The process and those that it started: the program starts Node a second time. */
async function family(pid: number): Promise<number[]> {
  const tasks = `/proc/${pid}/task`;
  const threads = await readdir(tasks).catch(() => []);
  const texts = await Promise.all(
    threads.map((thread) => readFile(`${tasks}/${thread}/children`, "utf8").catch(() => "")),
  );
  const children = texts.flatMap((text) => text.split(" ").filter(Boolean).map(Number));
  return [pid, ...(await Promise.all(children.map(family))).flat()];
}

async function residentPeak(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? null : 1024 * Number(kilobytes);
}
