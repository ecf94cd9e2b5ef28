/** What can be measured: one step of something, again and again. */
import type { Device } from "../runtime/device.ts";
import type { PeerScript } from "./peer.ts";

export interface WorkloadOptions {
  /** Path prefix of the engine's profiles; none are written without it. */
  readonly profile?: string;
}

/** A prepared workload. Every run does the same work. */
export interface Workload {
  run(): Promise<unknown>;
  /** Operations of the products and convolutions of one run. */
  readonly flop: number;
  /** Further numbers for the report: parameters, tokens, pictures. */
  readonly facts: Readonly<Record<string, number>>;
  /** Writes the profiles, if any were asked for. */
  endProfiling(): void | Promise<void>;
  close(): Promise<void>;
}

/** What a target has to reach; a bar that is absent is not asked for. */
export interface Bars {
  /** Least achieved rate over the best matrix rate. */
  readonly rate?: number;
  /** Least rate of the products and convolutions alone over the best matrix rate. */
  readonly productRate?: number;
  /** Largest resident memory, in bytes. */
  readonly peakBytes?: number;
  /** Least speed over that of the same work in PyTorch, where that is there to be measured. */
  readonly peerSpeed?: number;
}

export interface BenchTarget {
  readonly name: string;
  readonly summary: string;
  readonly bars: Bars;
  /** The same work in PyTorch. */
  readonly peer?: PeerScript;
  open(device: Device, options?: WorkloadOptions): Promise<Workload>;
}
