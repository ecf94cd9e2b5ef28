/** A town at dusk: houses by a small grammar, with storeys, windows and roofs, under falling snow. */
import type { Colour } from "../images/picture.ts";
import type { Random } from "../random/random.ts";
import { between, hsv, mix, pick } from "./colours.ts";
import { drawStrokes, emptyMask, type Paint } from "./mask.ts";

interface House {
  readonly left: number;
  readonly width: number;
  readonly top: number;
  readonly roof: "flat" | "gable" | "mast";
  readonly wall: Colour;
  /** Pixels from one window to the next. */
  readonly window: number;
  /** Share of windows that are lit. */
  readonly lit: number;
  readonly number: number;
}

export function town(draws: Random, width: number, height: number): Paint {
  const hue = draws.uniform();
  const [zenith, horizon] = [hsv(hue, 0.7, 0.25), hsv(hue + 0.2, 0.6, 0.85)];
  const rows = [0.55, 0.75].map((depth, k) => street(draws, width, height * depth, k));
  const snow = emptyMask(width, height);
  for (let i = 0; i < 140; i++) {
    const at = [between(draws, 0, width), between(draws, 0, height)];
    drawStrokes(snow, [at], { x: 0, y: 0, scale: 1 }, between(draws, 1.2, 4.4));
  }
  const light = hsv(between(draws, 0.08, 0.17), 0.5, 1);
  const houseAt = (x: number, y: number): Colour | undefined => {
    // the near row hides the far one
    for (const row of [rows[1]!, rows[0]!]) {
      const house = row.find(({ left, width: w }) => x >= left && x < left + w);
      const colour = house && houseColour(house, x, y, light);
      if (colour) return colour;
    }
    return undefined;
  };
  return (x, y) => {
    const flake = snow.data[y * width + x]!;
    const behind = houseAt(x, y) ?? mix(zenith, horizon, Math.min(1, y / height));
    return flake === 0 ? behind : mix(behind, [240, 244, 255], flake);
  };
}

function street(draws: Random, width: number, base: number, row: number): House[] {
  const houses: House[] = [];
  for (let left = -20; left < width; ) {
    const wide = between(draws, 34, 90) * (1 + 0.4 * row);
    houses.push({
      left,
      width: wide,
      top: base * between(draws, 0.55, 1.05),
      roof: pick(draws, ["flat", "gable", "mast"]),
      wall: hsv(
        draws.uniform(),
        0.35,
        row === 0 ? between(draws, 0.3, 0.5) : between(draws, 0.12, 0.3),
      ),
      window: Math.round(between(draws, 7, 14)),
      lit: between(draws, 0.15, 0.7),
      number: draws.integer(1000),
    });
    left += wide;
  }
  return houses;
}

/** Undefined above the house. */
function houseColour(house: House, x: number, y: number, light: Colour): Colour | undefined {
  const across = (x - house.left) / house.width;
  if (y < house.top) {
    const above = house.top - y;
    if (house.roof === "gable" && above < 0.4 * house.width * (1 - Math.abs(2 * across - 1))) {
      return mix(house.wall, [150, 50, 30], 0.6);
    }
    return house.roof === "mast" && Math.abs(across - 0.5) * house.width < 1 && above < 40
      ? [20, 20, 24]
      : undefined;
  }
  const [u, v] = [x - house.left, y - house.top - house.window];
  const [column, storey] = [Math.floor(u / house.window), Math.floor(v / (1.5 * house.window))];
  const [du, dv] = [u % house.window, v % (1.5 * house.window)];
  const pane = du > 0.25 * house.window && dv > 0 && dv < 0.8 * house.window;
  if (!pane || storey < 0) return house.wall;
  const isLit = ((column * 7919 + storey * 104729 + house.number * 31) % 97) / 97 < house.lit;
  return isLit ? light : mix(house.wall, [10, 14, 30], 0.7);
}
