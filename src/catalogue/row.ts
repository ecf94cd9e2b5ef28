import type { Entry } from "./entry.ts";
import type { SystemStatus } from "./status.ts";
import type { Classes } from "./taxonomy.ts";

/** An entry with what is computed of it. */
export interface CatalogueRow extends Entry {
  /** Derived from the parts of a system in the code; the plan of any other; absent where none fits. */
  readonly classes?: Classes;
  /** Whether the classes are only planned. */
  readonly planned: boolean;
  readonly status: SystemStatus;
}
