/** How much memory this process has held at most. */

/**
 * Largest resident set since the process started, in bytes: everything counts, Node and the engine's
 * library included.
 */
export function peakBytes(): number {
  // Node gives kilobytes on every platform
  return process.resourceUsage().maxRSS * 1024;
}
