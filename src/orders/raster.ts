/**
 * Raster order: one token per step, row by row from the top left, each predicted from the token
 * before it (LlamaGen, arXiv:2406.06525, §3.1).
 */
import type { Order } from "./order.ts";
import { requireSchedule, type Scale } from "./scale-schedule.ts";

/**
 * The order of a grid: H·W steps over as many positions, each of which sees itself and all before.
 *
 * @throws ConfigError if the grid has no cells.
 */
export function raster(grid: Scale): Order {
  requireSchedule([grid], { where: "raster" });
  const tokenCount = grid.height * grid.width;
  return {
    name: "raster",
    steps: Array.from({ length: tokenCount }, (_, start) => ({
      start,
      count: 1,
      input: start === 0 ? "start" : "previous-token",
    })),
    tokenCount,
    visible: (query, key) => key <= query,
  };
}
