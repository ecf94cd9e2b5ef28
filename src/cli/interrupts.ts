/** Ctrl-C once finishes the step, twice exits at once. */
import type { EventEmitter } from "node:events";

/**
 * A terminal sends Ctrl-C to the launcher and to this process, and the launcher passes it on:
 * signals that arrive together are one wish.
 */
const togetherMs = 100;

export interface Interrupts {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** 130 after Ctrl-C, 143 after SIGTERM; undefined if nothing came. */
  exitCode(): number | undefined;
  /** Stops listening. */
  stop(): void;
}

export interface InterruptOptions {
  /** Emits SIGINT and SIGTERM: the process. */
  readonly signals: Pick<EventEmitter, "on" | "off">;
  onFirst(): void;
  onSecond(exitCode: number): void;
  /** Milliseconds of a clock; an argument for tests only. */
  readonly now?: () => number;
}

export function watchInterrupts({
  signals,
  onFirst,
  onSecond,
  now = () => performance.now(),
}: InterruptOptions): Interrupts {
  const controller = new AbortController();
  let first: { readonly at: number; readonly exitCode: number } | undefined;
  const on = (exitCode: number) => (): void => {
    if (first) {
      if (now() - first.at > togetherMs) onSecond(exitCode);
      return;
    }
    first = { at: now(), exitCode };
    onFirst();
    controller.abort();
  };
  const listeners = { SIGINT: on(130), SIGTERM: on(143) };
  for (const [name, listener] of Object.entries(listeners)) signals.on(name, listener);
  return {
    signal: controller.signal,
    exitCode: () => first?.exitCode,
    stop: () => {
      for (const [name, listener] of Object.entries(listeners)) signals.off(name, listener);
    },
  };
}
