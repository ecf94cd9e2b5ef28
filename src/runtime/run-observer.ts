/** Somebody who wants to know which device computed which node. */
export interface RunObserver {
  /** A function is being compiled. @returns path prefix for the profile of its first run. */
  begin(name: string): string;
  /** The profile under this prefix is complete. */
  end(prefix: string): void;
}
