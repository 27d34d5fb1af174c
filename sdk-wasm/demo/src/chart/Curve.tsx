import type { Reading } from "carewire";

const WIDTH = 240;
const HEIGHT = 44;

/** One kind of reading over time, and its latest value. */
export function Curve({ label, readings }: { label: string; readings: readonly Reading[] }) {
  const values = readings.map((reading) => reading.value);
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const points = values.map((value, at) => {
    const x = (at / Math.max(1, values.length - 1)) * WIDTH;
    const y = HEIGHT - 4 - ((value - low) / span) * (HEIGHT - 8);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const latest = readings.at(-1);
  return (
    <figure className="curve">
      <figcaption>
        {label}
        <strong data-testid={`latest-${latest?.kind}`}>
          {latest?.value} <small>{latest?.unit}</small>
        </strong>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <polyline points={points.join(" ")} />
      </svg>
    </figure>
  );
}
