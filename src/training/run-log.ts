/** What a run tells about itself: one JSON object per step in `log.jsonl`, and a plot of the loss. */
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type LogLine = { readonly step: number } & Readonly<Record<string, number>>;

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

  async write(line: LogLine): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(line)}\n`);
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

  /** Draws `loss.svg` and `loss.png` from what is logged so far. */
  async plot(): Promise<void> {
    const { plotLosses } = await import("./loss-plot.ts");
    await plotLosses(await this.lines(), this.#folder);
  }
}
