/** How much memory this process has held at most, and how much the machine can still give. */
import { freemem } from "node:os";

/**
 * Largest resident set since the process started, in bytes: everything counts, Node and the engine's
 * library included.
 */
export function peakBytes(): number {
  // Node gives kilobytes on every platform
  return process.resourceUsage().maxRSS * 1024;
}

/** What a new process may take without pushing others out, in bytes; a container's limit counts. */
export function availableBytes(): number {
  const limit = process.constrainedMemory();
  // without a limit Node gives 0, undefined or something beyond all memory
  return limit ? Math.min(freemem(), limit) : freemem();
}
