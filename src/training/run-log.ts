/**
 * What a run tells about itself in `log.jsonl`, one JSON object per step and per measurement between
 * steps, and a plot of it.
 */
import { appendFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type LogLine = { readonly step: number } & Readonly<Record<string, number>>;

export interface RecentNumbers {
  readonly numbers: Readonly<Record<string, number>>;
  /** How many steps were averaged. */
  readonly lines: number;
}

const BOOKKEEPING: ReadonlySet<string> = new Set([
  "step",
  "gradientNorm",
  "lossScale",
  "learningRate",
  "seconds",
]);

export class RunLog {
  readonly #path: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, "log.jsonl");
  }

  /** Opens the log of a run that goes on after `step`; lines of steps that are run again go. */
  static async open(folder: string, step: number): Promise<RunLog> {
    const log = new RunLog(folder);
    const kept = (await log.lines()).filter((line) => line.step <= step);
    await writeFile(log.#path, kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
    return log;
  }

  /** At once: handing a line to another thread takes longer than writing it. */
  write(line: LogLine): void {
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }

  /** All whole lines; the last one may have been cut by a crash. */
  async lines(): Promise<LogLine[]> {
    const text = await readFile(this.#path, "utf8").catch(() => "");
    return text.split("\n").flatMap((line) => {
      try {
        return [JSON.parse(line) as LogLine];
      } catch {
        return [];
      }
    });
  }

  /** The numbers of the last steps, averaged, without what is about the machine or the optimiser. */
  async recent(count: number): Promise<RecentNumbers> {
    const steps = (await this.lines()).filter((line) => "loss" in line);
    const lines = steps.slice(-count);
    const names = Object.keys(lines.at(-1) ?? {}).filter((name) => !BOOKKEEPING.has(name));
    // what sets in later is averaged over the steps that have it
    const mean = (name: string) => {
      const values = lines.flatMap((line) => line[name] ?? []);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    return {
      numbers: Object.fromEntries(names.map((name) => [name, mean(name)])),
      lines: lines.length,
    };
  }

  /** Draws `loss.svg` and `loss.png` from what is logged so far. */
  async plot(): Promise<void> {
    const { plotLosses } = await import("./loss-plot.ts");
    await plotLosses(await this.lines(), this.#folder);
  }
}
