/**
 * What ran where: the engine's profiler watches the first run of every function, and tells for each
 * node which of its providers computed it. Node only: profiles are files.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProduct } from "../graph/support/operators.ts";
import type { RunObserver } from "./run-observer.ts";

/** Nodes of one operator that one device computed in the first run of a function. */
export interface Placement {
  readonly function: string;
  /** `cpu`, `webgpu`, `cuda`. */
  readonly device: string;
  readonly type: string;
  readonly nodes: number;
  /** Whether it is a product or a convolution. */
  readonly heavy: boolean;
}

/** An event of the profile, as far as it is read. */
interface Event {
  readonly cat?: string;
  readonly name: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

export class PlacementLog implements RunObserver {
  readonly #folder: string;
  readonly #names: string[] = [];
  readonly #ended = new Set<string>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<PlacementLog> {
    return new PlacementLog(await mkdtemp(join(tmpdir(), "ordo-placement-")));
  }

  begin(name: string): string {
    const prefix = `${this.#names.length}-`;
    this.#names.push(name);
    return join(this.#folder, prefix);
  }

  end(path: string): void {
    this.#ended.add(path);
  }

  /** Of every function that has run so far, in the order of compilation. */
  async read(): Promise<Placement[]> {
    const files = await readdir(this.#folder);
    const placements: Placement[] = [];
    for (const [i, name] of this.#names.entries()) {
      const file = files.find((one) => one.startsWith(`${i}-`));
      if (!file || !this.#ended.has(join(this.#folder, `${i}-`))) continue;
      const events = JSON.parse(await readFile(join(this.#folder, file), "utf8")) as Event[];
      placements.push(...placementsOf(name, events));
    }
    return placements;
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Counts the nodes of a profile by device and operator. */
export function placementsOf(name: string, events: readonly Event[]): Placement[] {
  const counts = new Map<string, Placement>();
  for (const { cat, name: event, args } of events) {
    if (cat !== "Node" || !event.endsWith("_kernel_time")) continue;
    const { op_name: type = "?", provider = "?" } = args ?? {};
    const device = provider.replace(/ExecutionProvider$/, "").toLowerCase();
    const key = `${device} ${type}`;
    const nodes = (counts.get(key)?.nodes ?? 0) + 1;
    counts.set(key, { function: name, device, type, nodes, heavy: isProduct(type) });
  }
  return [...counts.values()];
}

/** Placements of heavy operators on the CPU, where another device was asked for. */
export function heavyFallbacks(asked: string, placements: readonly Placement[]): Placement[] {
  if (asked === "cpu") return [];
  return placements.filter(({ heavy, device }) => heavy && device === "cpu");
}

/**
 * One line for each function: `step: 143 nodes on webgpu; 2 on cpu (Cast 1, GatherElements 1)`.
 * What ran on the asked device is counted; what ran elsewhere is named.
 */
export function placementLines(asked: string, placements: readonly Placement[]): string[] {
  const functions = new Set(placements.map((one) => one.function));
  return [...functions].map((name) => {
    const own = placements.filter((one) => one.function === name);
    const total = (device: string) =>
      own.filter((one) => one.device === device).reduce((sum, { nodes }) => sum + nodes, 0);
    const others = [...new Set(own.map(({ device }) => device))].filter((one) => one !== asked);
    const words = others.map((device) => {
      const kinds = own.filter((one) => one.device === device);
      const named = kinds.map(({ type, nodes }) => `${type} ${nodes}`).sort();
      return `; ${total(device)} on ${device} (${named.join(", ")})`;
    });
    return `${name}: ${total(asked)} nodes on ${asked}${words.join("")}`;
  });
}
