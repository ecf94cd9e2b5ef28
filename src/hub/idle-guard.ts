/** Notices when a server falls silent. */

export interface IdleGuard {
  readonly signal: AbortSignal;
  readonly outer: AbortSignal;
  readonly stalledMs: () => number | undefined;
  touch(): void;
  /** Time spent on writing what came is not the server's. */
  pause(): void;
  stop(abort: boolean): void;
}

/** A signal that aborts when nothing comes for `idleMs`, or when `outer` aborts. */
export function idleGuard(outer: AbortSignal, idleMs: number): IdleGuard {
  outer.throwIfAborted();
  const controller = new AbortController();
  let stalled = false;
  let timer: NodeJS.Timeout | undefined;
  const pause = (): void => clearTimeout(timer);
  const touch = (): void => {
    pause();
    timer = setTimeout(() => {
      stalled = true;
      controller.abort();
    }, idleMs);
  };
  const onOuter = (): void => controller.abort(outer.reason);
  outer.addEventListener("abort", onOuter);
  touch();
  return {
    signal: controller.signal,
    outer,
    stalledMs: () => (stalled ? idleMs : undefined),
    touch,
    pause,
    stop: (abort) => {
      pause();
      outer.removeEventListener("abort", onOuter);
      if (abort) controller.abort();
    },
  };
}
